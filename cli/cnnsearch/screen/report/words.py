"""What a report says in words: the answer, what was asked, what it cost, how to do it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Any

from cnnsearch.records.tally import left, state_words, tally
from cnnsearch.records.trial import FAILURES
from cnnsearch.screen import wording
from cnnsearch.screen.fields import moment, printable
from cnnsearch.screen.pages.cells import Table
from cnnsearch.screen.setting_words import STAGE_NUMBERS, names_a_stage, setting_value
from cnnsearch.screen.summary_fields import began_with, called, exported_later, trials_of
from cnnsearch.space.quantities import format_count, format_moment, plural

Report = Mapping[str, Any]
Facts = Iterator[tuple[str, str]]
MOST_NUMBERS = 8  # of trials that ended alike
STAGES = {
    "loading": "loading libraries",
    "search": "searching",
    "finish": "finishing the winner",
    "export": "testing and exporting",
}
UNFINISHED = {
    "running": "This run is still in progress: these are its figures so far.",
    "stopped": "This run was stopped before its end; its state is saved.",
    "killed": "This run ended without a word: it was killed, or the machine went down. "
    "Its state is saved.",
    "failed": "This run failed.",
}


def answer(report: Report) -> str:
    """Return what the run found, in one sentence."""
    summary = report["summary"]
    winner, test, run = summary["winner"], summary["test"], summary["run"]
    if winner and test:
        return (
            f"{_tried(summary)}; the best gets {wording.percent(test['accuracy'])} of "
            f"{test['count']:,} test images right (95 % interval {wording.percent(test['low'])} to "
            f"{wording.percent(test['high'])}), with {_costs(winner)}."
        )
    name = next(iter(run["objectives"]))
    if winner:
        value = wording.score(winner["value"])
        costs = _costs(winner)
        return f"{_tried(summary)}; the best has {name} {value}, with {costs}; it is not tested."
    if report["shown_trial"] is None:
        return f"{_tried(summary)}, and none has been scored: nothing is found yet."
    trial = next(t for t in summary["trials"] if t["number"] == report["shown_trial"])
    return (
        f"{_tried(summary)}, and there is no winner yet: the best so far, trial {trial['number']}, "
        f"has {name} {wording.score(trial['value'])} (the best of many is an optimistic figure), "
        f"with {_costs(trial)}."
    )


def _tried(summary: Mapping[str, Any]) -> str:
    count = sum(trial["state"] != "over_limit" for trial in summary["trials"])
    verb = "was" if count == 1 else "were"
    took = wording.duration(summary["run"]["elapsed_s"])
    return f"In {took}, {plural(count, 'network')} {verb} tried"


def _costs(trial: Mapping[str, Any]) -> str:
    words = f"{format_count(trial['parameters'])} parameters and {format_count(trial['macs'])} MACs"
    for name, found in trial["measured"].items():
        words += f", {wording.heading(name)} {wording.latency(found['median_ms'])}"
    return words


def state(report: Report) -> str | None:
    """Return how it stands with a run that is not finished."""
    run = report["summary"]["run"]
    words = UNFINISHED.get(run["state"])
    if words and run["state"] in ("stopped", "killed"):
        words += f" Go on with: cnnsearch resume {called(run)}"
    return words


def asked(report: Report) -> Facts:
    """Yield what was asked for."""
    run, document = report["summary"]["run"], report["document"]
    data = run["dataset"]
    shape = "x".join(map(str, data["shape"]))
    uses = {"train": "to train on", "validation": "to choose by", "test": "for the test"}
    examples = ", ".join(f"{data[split]:,} {use}" for split, use in uses.items() if split in data)
    yield "search space", run["space"]
    yield "data", f"{data['name']}: images of {shape}, {data['classes']:,} classes; {examples}"
    ways = {"max": "as high", "min": "as low"}
    wanted = (f"{wording.heading(name)} {ways[way]}" for name, way in run["objectives"].items())
    yield "wanted", f"{' and '.join(wanted)} as possible"
    limits = document.get("constraints") or {}
    yield "limits", ", ".join(f"{name} {limit}" for name, limit in limits.items()) or "none"
    yield "budget", _budget(run["budget"])
    search = report["search"] or {}
    words = [str(search[key]) for key in ("algorithm", "pruning") if search.get(key)]
    yield "search", ", ".join([*words, f"seed {run['seed']}"])
    if (earlier := began_with(run)) is not None:
        yield "began with", earlier


def _budget(budget: Mapping[str, Any]) -> str:
    parts = [f"{wording.duration(budget['time_s'])}"] if budget.get("time_s") else []
    parts += [plural(budget["trials"], "trial")] if budget.get("trials") else []
    parts += [f"a score of {budget['target']:g}"] if budget.get("target") else []
    if budget.get("patience_s"):
        parts.append(f"{wording.duration(budget['patience_s'])} without a better score")
    return " or ".join(parts) or "none"


def figures(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield the figures that matter most: name, value, and what to know of it."""
    summary = report["summary"]
    trial = summary["winner"] or next(
        (t for t in summary["trials"] if t["number"] == report["shown_trial"]), None
    )
    for kind in ("test", "validation"):
        if found := summary[kind]:
            between = f"{wording.percent(found['low'])} to {wording.percent(found['high'])}"
            note = f"95 % interval {between}, {plural(found['count'], 'image')}"
            if kind == "validation":
                note += "; chosen by it, so optimistic"
            yield f"{kind} accuracy", wording.percent(found["accuracy"]), note
    if trial:
        yield "parameters", format_count(trial["parameters"]), f"{trial['parameters']:,} weights"
        yield "MACs", format_count(trial["macs"]), "multiply-accumulates for an image"
        for name, found in trial["measured"].items():
            yield wording.heading(name), wording.latency(found["median_ms"]), "median, as served"
    ended = summary["ended_because"]
    because = f"the search ended: {ended['message']}" if ended else "of run time"
    yield "took", wording.duration(summary["run"]["elapsed_s"]), because


def later(report: Report) -> str | None:
    """Say where what was exported is a later state than the one in the table of trials."""
    found = exported_later(report["summary"])
    return found and found.capitalize()


def of_stages(table: Table) -> str | None:
    """Say what the number in a setting of one stage is, where a table's last column has such."""
    if any(row and names_a_stage(row[-1].words) for row in table.rows):
        return f"{STAGE_NUMBERS}."
    return None


def first_trial(report: Report) -> str:
    """Say what the run's first trial is, by which tables tell the settings of the others."""
    run, first = report["summary"]["run"], report["summary"]["trials"][0]
    words = f"Trial {first['number']} was tried first"
    if first["settings"] == report["first_guess"]:
        return f"{words}: it is the first guess."
    earlier = run["began_with"]
    return (
        f"{words}." if earlier is None else f"{words}: the search began with {trials_of(earlier)}."
    )


def cost(report: Report) -> Facts:
    """Yield what the run cost: time, trials, and what was never trained."""
    summary = report["summary"]
    timing, counts = summary["timing"], summary["counts"]
    yield "run time", wording.duration(summary["run"]["elapsed_s"])
    for stage, name in STAGES.items():
        if report["stages"][stage]:
            yield f"of it {name}", wording.duration(report["stages"][stage])
    remarks = ["of trials that have ended"] if counts.get("running") else []
    remarks += ["of all workers together"] if report["workers"] > 1 else []
    note = f" ({', '.join(remarks)})" if remarks else ""
    yield "of the search, training", wording.duration(timing["fit_s"]) + note
    yield "of the search, looks at validation images", wording.duration(timing["evaluate_s"]) + note
    if timing["training_share"] is not None:
        yield "share of the search in training and looks", wording.percent(timing["training_share"])
    yield "trials", tally(counts if summary["run"]["state"] == "running" else left(counts))
    infeasible = summary["infeasible"]
    yield "never trained", f"{plural(infeasible['count'], 'draw')} outside the limits"


def infeasible(report: Report) -> list[tuple[str, int]]:
    """Return why draws were never trained, the most frequent reason first."""
    reasons = report["summary"]["infeasible"]["reasons"]
    return sorted(((printable(str(k)), v) for k, v in reasons.items()), key=lambda pair: -pair[1])


def failures(report: Report) -> list[str]:
    """Return how and why trials failed, those of one reason together."""
    found: dict[tuple[str, str], list[int]] = {}
    for trial in report["summary"]["trials"]:
        if trial["state"] in (*FAILURES, "over_limit"):
            why = (trial["state"], printable(trial["message"] or "no reason was told"))
            found.setdefault(why, []).append(trial["number"])
    return [
        f"{plural(len(numbers), 'trial')} {state_words(state)}: {message} ({_listed(numbers)})"
        for (state, message), numbers in found.items()
    ]


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:MOST_NUMBERS]))
    more = len(numbers) - MOST_NUMBERS
    return (
        f"{shown} and {more:,} more"
        if more > 0
        else f"trial {shown}"
        if len(numbers) == 1
        else shown
    )


def reproduce(report: Report) -> Facts:
    """Yield what has to be the same for the same result."""
    run = report["summary"]["run"]
    yield "seed", str(run["seed"])
    yield "data", f"{run['dataset']['name']}, fingerprint {run['dataset'].get('fingerprint', '-')}"
    yield "versions", ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    yield "machine", f"{report['machine'] or 'unknown'}, {run['device'] or 'device unknown'}"
    started = moment(run, "started")
    yield "started", format_moment(started) if started else "not yet"


def command(report: Report) -> str:
    """Return the command that runs the same search again."""
    run = report["summary"]["run"]
    space, earlier = quote(printable(f"{run['folder']}/space.yaml")), run["began_with"]
    begin_with = "" if earlier is None else f" --from {called({**earlier, 'name': earlier['run']})}"
    return f"cnnsearch run {space}{begin_with} --name again"


def settings(report: Report) -> list[tuple[str, str]]:
    """Return the settings of the network that is shown."""
    trial = next(
        (t for t in report["summary"]["trials"] if t["number"] == report["shown_trial"]), None
    )
    own = trial["settings"] if trial else {}
    return [(printable(path), setting_value(value)) for path, value in own.items()]
