"""`cnnsearch show`: what a run has found, or what a network looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import AsJson, Data, Overrides, Runs

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN_OR_SPACE",
        help="A run by name or folder; left out, the latest; or a search space.",
    ),
]
Timing = Annotated[bool, typer.Option("--timing", help="Print where the run's time went.")]
Architecture = Annotated[
    bool, typer.Option("--architecture", help="Print the layers of the run's winner.")
]
Trial = Annotated[int | None, typer.Option(help="Print the layers of this trial of the run.")]
Diagram = Annotated[Path | None, typer.Option(help="Drawing of the layers to write (SVG).")]
EveryRow = Annotated[
    bool, typer.Option("--all", help="Print every layer of a long network, not each block.")
]


def show(
    name: Name = None,
    runs: Runs = Path("runs"),
    json: AsJson = False,
    timing: Timing = False,
    architecture: Architecture = False,
    trial: Trial = None,
    data: Data = None,
    set_: Overrides = None,
    diagram: Diagram = None,
    all_: EveryRow = False,
) -> None:
    """Show what a run has found so far, or the layers of a network.

    Of a search space, it shows the layers of the first guess.
    """
    from cnnsearch.commands import describing, showing
    from cnnsearch.results.network import trial_of

    folder = showing.find_run(name, runs)
    if folder is None:
        of_a_run = {"--trial": trial is not None, "--timing": timing}
        showing.refuse(of_a_run, f"runs, and {name} is a search space; `cnnsearch runs` lists runs")
        network = describing.first_guess_of(str(name), data, set_)
        describing.show_layers(network, diagram, every_row=all_, as_json=json)
        return
    of_a_space = {"--data": data is not None, "--set": bool(set_)}
    showing.refuse(of_a_space, f"search spaces, and {folder.name} is a run: it has its own")
    if architecture or trial is not None or diagram is not None:
        showing.refuse({"--timing": timing}, "a run as a whole, and layers were asked for")
        network = trial_of(folder, trial)
        describing.show_layers(network, diagram, every_row=all_, as_json=json)
    else:
        showing.refuse({"--all": all_}, "layers; add --architecture or --trial")
        showing.show_run(folder, timing=timing, as_json=json)
