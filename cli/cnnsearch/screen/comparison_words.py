"""What `cnnsearch compare` tells, in words and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnsearch.screen import wording
from cnnsearch.screen.setting_words import setting_value
from cnnsearch.screen.sheets import Sheet
from cnnsearch.screen.summary_fields import trials_of
from cnnsearch.space.quantities import format_latency

Comparison = Mapping[str, Any]
TESTS = {
    "mcnemar": "McNemar's test, exact, on the same images",
    "newcombe": "Newcombe's interval for images that differ or are not known to be the same",
}


def comparison_sheets(found: Comparison) -> Iterator[Sheet]:
    """Yield the runs, their accuracies against the first one's, their settings and fronts."""
    yield _runs(found)
    yield _accuracies(found)
    yield from (_settings(found, of) for of in ("winner", "space"))
    if found["front"]:
        yield _front(found["front"])


def comparison_title(found: Comparison) -> str:
    """Return what is compared: `one, two`."""
    return f"Comparison of {', '.join(run['name'] for run in found['runs'])}"


def _runs(found: Comparison) -> Sheet:
    runs = found["runs"]
    latencies = dict.fromkeys(name for run in runs for name in run["latencies_us"])
    rows: list[tuple[str, ...]] = [
        ("test accuracy", *(_accuracy(run["test"]) for run in runs)),
        ("validation accuracy", *(_accuracy(run["validation"]) for run in runs)),
        ("parameters", *(wording.count(run["parameters"]) for run in runs)),
        ("MACs", *(wording.count(run["macs"]) for run in runs)),
        *((name, *(_latency(run["latencies_us"].get(name)) for run in runs)) for name in latencies),
        ("largest export", *(wording.size(run["export_bytes"]) for run in runs)),
        ("time", *(wording.duration(run["elapsed_s"]) for run in runs)),
        ("trials", *(wording.whole_number(run["trials"]) for run in runs)),
        ("space", *(run["space"] for run in runs)),
        *_began_with(runs),
        ("dataset", *(run["dataset"] for run in runs)),
        ("device", *(run["device"] or wording.NOTHING for run in runs)),
    ]
    return Sheet("Runs", ("", *(run["name"] for run in runs)), rows)


def _began_with(runs: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    earlier = [run["began_with"] for run in runs]
    if any(earlier):
        yield "began with", *(trials_of(each) if each else wording.NOTHING for each in earlier)


def _accuracy(found: Mapping[str, Any] | None) -> str:
    return wording.short_accuracy(found) if found else wording.NOTHING


def _latency(value_us: float | None) -> str:
    return wording.NOTHING if value_us is None else format_latency(value_us)


def _accuracies(found: Comparison) -> Sheet:
    rows = [
        _accuracy_row(each)
        for each in found["accuracy"]
        if each["difference"] or each["same_data"] is False
    ]
    tests = dict.fromkeys(
        each["difference"]["test"] for each in found["accuracy"] if each["difference"]
    )
    warnings = dict.fromkeys(each["warning"] for each in found["accuracy"] if each["warning"])
    several = (
        ("Each comparison by itself is wrong in up to 5 % of cases; of several, more are.",)
        if len(found["runs"]) > 2
        else ()
    )
    header = (
        "figure",
        "run",
        "against",
        "more accurate by",
        "p",
        "images that only one got right",
        "is it chance?",
        "by",
    )
    methods = (f"{test}: {TESTS[test]}." for test in tests)
    return Sheet("Accuracy", header, rows, (*warnings, *methods, *several))


def _accuracy_row(each: Mapping[str, Any]) -> tuple[str, ...]:
    found, compared = each["difference"], (each["figure"], each["run"], each["against"])
    pairs = wording.NOTHING
    if found is None:
        return (*compared, *[wording.NOTHING] * 3, "other data", wording.NOTHING)
    if found["only_one"] is not None:
        pairs = f"{found['only_one']:,} and {found['only_other']:,}"
    return (
        *compared,
        difference_words(found),
        wording.NOTHING if found["chance"] is None else f"{found['chance']:.2g}",
        pairs,
        "it may be" if found["may_be_chance"] else "hardly",
        found["test"],
    )


def difference_words(found: Mapping[str, Any]) -> str:
    """Return a difference of accuracies: `+0.40 points (95 % interval +0.11 to +0.69)`."""
    change, low, high = (f"{100 * found[key]:+.2f}" for key in ("change", "low", "high"))
    return f"{change} points (95 % interval {low} to {high})"


def _settings(found: Comparison, of: str) -> Sheet:
    differing = [each for each in found["settings"] if each["of"] == of]
    rows = [(each["setting"], *map(_value, each["values"])) for each in differing]
    header = ("setting", *(run["name"] for run in found["runs"]))
    title = (
        "Settings of the winners that differ"
        if of == "winner"
        else "Settings of the spaces that differ"
    )
    return Sheet(title, header, rows, () if rows else ("None.",))


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_value(inner)}" for key, inner in value.items())
    return wording.NOTHING if value is None else setting_value(value)


def _front(front: Mapping[str, Any]) -> Sheet:
    names = list(front["objectives"])
    rows = [
        (
            each["run"],
            str(each["trial"]),
            *(_objective(name, each["values"][name]) for name in names),
        )
        for each in front["trials"]
    ]
    covered = tuple(
        f"Of the front of {each['run']}, {each['share']:.0%} is no better than {each['by']}'s."
        for each in front["covered"]
    )
    return Sheet(
        "The front of all runs", ("run", "trial", *map(wording.heading, names)), rows, covered
    )


def _objective(name: str, value: float) -> str:
    if name in ("parameters", "macs"):
        return wording.count(int(value))
    return wording.latency(value) if name.startswith("latency") else wording.score(value)
