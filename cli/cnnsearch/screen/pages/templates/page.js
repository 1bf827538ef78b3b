"use strict";
const THEMES = {
  light: {
    "@paper": "#ffffff", "@ink": "#1b1f24", "@dim": "#57606a", "@line": "#dde2e8", "@muted": "#98a2ad",
    "@accent": "#0072b2", "@highlight": "#d55e00", "@on-dark": "#ffffff",
    ramp: ["#d3dce6", "#7fb0d6", "#08427e"], heatmap: ["#f5f7f9", "#9cc3e0", "#0a5c9e"],
  },
  dark: {
    "@paper": "#14181d", "@ink": "#e8ebef", "@dim": "#a3adb8", "@line": "#323a44", "@muted": "#75808c",
    "@accent": "#56b4e9", "@highlight": "#f0a030", "@on-dark": "#0d1014",
    ramp: ["#2c3742", "#3f7fb5", "#cfeaff"], heatmap: ["#1d2329", "#2f6a99", "#9ad4fb"],
  },
};
const dark = matchMedia("(prefers-color-scheme: dark)");
const plots = JSON.parse(document.getElementById("plots").textContent);

function themed() {
  const theme = { ...THEMES[dark.matches ? "dark" : "light"] };
  const style = getComputedStyle(document.documentElement);
  for (let run = 0, value; (value = style.getPropertyValue(`--run-${run}`).trim()); run++) theme[`@run-${run}`] = value;
  return theme;
}

function config(theme) {
  const guide = {
    labelColor: theme["@dim"], titleColor: theme["@dim"], gridColor: theme["@line"], domainColor: theme["@line"],
    tickColor: theme["@line"], labelFontSize: 12, labelOverlap: "greedy", labelSeparation: 6, titleFontSize: 12, titleFontWeight: "normal",
  };
  return {
    background: null, font: "system-ui, sans-serif", view: { stroke: null },
    axis: guide, legend: { ...guide, labelOverlap: undefined, labelLimit: 220, symbolOpacity: 1, symbolStrokeWidth: 2 },
    range: { ramp: theme.ramp, heatmap: theme.heatmap },
  };
}

function coloured(spec, theme) {
  return JSON.parse(JSON.stringify(spec), (_, value) =>
    typeof value === "string" && value.startsWith("@") && value in theme ? theme[value] : value);
}

async function draw() {
  const theme = themed();
  for (const plot of plots) {
    const place = document.getElementById(`plot-${plot.name}`);
    const spec = { ...coloured(plot.spec, theme), datasets: structuredClone(plot.datasets) };
    try {
      await vegaEmbed(place, spec, {
        mode: "vega-lite", renderer: "svg", actions: false, config: config(theme),
        tooltip: { theme: dark.matches ? "dark" : "light" },
      });
      place.dataset.drawn = "yes";
    } catch (error) {
      place.textContent = "This plot cannot be drawn in this browser.";
      place.className = "failed";
      console.error(plot.name, error);
    }
  }
  document.documentElement.dataset.drawn = "yes";
}

function sortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    heading.querySelector("button").addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((each) => each.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent;
      const isNothing = (row) => row.cells[column].textContent === "-";
      const sign = down ? -1 : 1;
      const rows = [...table.tBodies[0].rows].sort((one, other) =>
        isNothing(one) - isNothing(other) ||
        sign * key(one).localeCompare(key(other), "en", { numeric: true }));
      if (heading.classList.contains("number")) {
        rows.sort((one, other) =>
          isNothing(one) - isNothing(other) || sign * (parseFloat(key(one)) - parseFloat(key(other))) || 0);
      }
      table.tBodies[0].append(...rows);
    });
  });
}

document.querySelectorAll("table.sortable").forEach(sortable);
dark.addEventListener("change", draw);
draw();
