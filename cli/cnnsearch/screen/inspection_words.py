"""What is said of an inspected search space, part by part: the same for terminal and page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cnnsearch.screen import wording
from cnnsearch.screen.inspection_notes import notes_on_field, notes_on_networks
from cnnsearch.screen.setting_words import setting_value, short_name, telling_settings
from cnnsearch.space.constraints import SIZES
from cnnsearch.space.quantities import format_count, format_size, plural

Inspection: TypeAlias = Mapping[str, Any]
Bar: TypeAlias = tuple[str, str, int]  # from, to (the same for a single amount), how many
TITLES = {
    "parameters": "parameters",
    "download_size": "download size: 4 bytes a parameter",
    "macs": "MACs, for one image",
    "activation_memory": "memory of activations, to predict one image",
    "training_memory": "memory of a training step, for a batch",
    "layers": "layers with weights on the longest path",
    "receptive_field": "receptive field, in pixels",
}
AS_ANOTHER = ("download_size",)  # its bars would be those of the parameters
MOST_REASONS = 5


@dataclass(frozen=True)
class Part:
    """A heading with facts beside it, rows of a name and a text, bars, and remarks."""

    title: str
    facts: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    bars: tuple[Bar, ...] = ()
    remarks: tuple[str, ...] = ()


def parts(found: Inspection) -> Iterator[Part]:
    """Yield all that is said, the most important first."""
    height, width, channels = found["input_shape"]
    images = f"{height}x{width} {'grey' if channels == 1 else 'colour'} images"
    title = f"{found['space']} for {images} of {found['classes']:,} classes"
    yield Part(title, rows=(*_size(found), *_feasibility(found)))
    for name, distribution in found["distributions"].items():
        yield _distribution(name, distribution, notes_on_field(found))
    if any(found["drivers"].values()):
        about = (
            "share of all differences (of the logarithm) that one setting alone accounts for, "
            "and the mean at its cheapest and its dearest value"
        )
        yield Part("what drives the cost", about, rows=tuple(_drivers(found)))
    if remarks := tuple(notes_on_networks(found)):
        yield Part("worth knowing", remarks=remarks)


def nothing_fits(found: Inspection) -> str | None:
    """Return why nothing is within the limits, the nearest misses first; None where something is.

    The first guess counts: it is tried, whatever is drawn.
    """
    guess = found["first_guess"]
    if found["feasible"] or not (guess["impossible"] or guess["misses"]):
        return None
    misses = [limit["nearest_miss"] for limit in found["limits"] if limit["nearest_miss"]]
    reasons = [f"impossible: {reason}" for reason in found["impossible"]]
    why = "; ".join([f"nearest to each limit: {', '.join(misses)}"] if misses else reasons[:1])
    return f"nothing fits; {why}; of {looked_at(found)}, none is within the limits"


def looked_at(found: Inspection) -> str:
    """Return how many candidates were looked at, and whether these are all there are."""
    number = found["draws"]
    if not found["exhaustive"]:
        return plural(number, "random candidate")
    return "1 candidate, the only one" if number == 1 else f"all {number:,} candidates"


def share(part: int, whole: int) -> str:
    """Return a share in percent."""
    return f"{100 * part / whole:.1f} %" if whole else wording.NOTHING


def _size(found: Inspection) -> Iterator[tuple[str, str]]:
    endless = {path: short_name(path) for path in found["endless_settings"]}
    of_networks = [path for path in endless if path.startswith("architecture.")]
    yield "candidates", _count(found["candidates"]) + _endless(endless.values())
    if found["networks"] is not None:
        shown = _count(found["networks"]) + _endless(endless[path] for path in of_networks)
        yield "networks", shown


def _count(count: Mapping[str, Any]) -> str:
    number = count["number"]
    shown = f"{number:,}" if number < 10**12 else _power(number)
    if count["exact"]:
        return shown
    return f"about {_power(number)} (estimated, standard error {share(count['error'], number)})"


def _power(number: int) -> str:
    """Return a number of any length in three digits: 1.23e45."""
    digits = str(number)
    return f"{digits[0]}.{digits[1:3]}e{len(digits) - 1}" if number >= 10**6 else f"{number:,}"


def _endless(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f", times any value in the range of {listed}" if listed else ""


def _feasibility(found: Inspection) -> Iterator[tuple[str, str]]:
    draws, feasible = found["draws"], found["feasible"]
    yield "first guess", _first_guess(found)
    cut = "; more would have taken too long" if found["stopped_by_time"] else ""
    yield "feasible", f"{feasible:,} of {looked_at(found)} ({share(feasible, draws)}){cut}"
    for limit in found["limits"]:
        yield "limit", _limit(limit, draws, alone=len(found["limits"]) == 1)
    for measured in found["measured_limits"]:
        yield "measured", f"{measured}, when a trial begins; not counted here"
    for reason, count in [*found["impossible"].items()][:MOST_REASONS]:
        yield "impossible", f"{count:,} ({share(count, draws)}): {reason}"
    if found["distributions_of"] == "built" and found["distributions"]:
        yield "what follows", "is of those that can be built, whatever the limits"


def _first_guess(found: Inspection) -> str:
    guess = found["first_guess"]
    if guess["impossible"]:
        return f"cannot be built: {guess['impossible']}"
    shown = ("parameters", "macs", "training_memory")
    words = ("parameters", "MACs", "for a training step")
    costs = ", ".join(
        f"{_amount(name, guess['amounts'][name])} {word}"
        for name, word in zip(shown, words, strict=True)
    )
    if guess["misses"]:
        return f"is over the limits: {', '.join(guess['misses'])}"
    return f"{'is within the limits' if found['limits'] else 'can be built'}: {costs}"


def _limit(limit: Mapping[str, Any], draws: int, *, alone: bool) -> str:
    """Return what a limit removes; `alone` where there is no other one."""
    removed = f"{limit['limit']} removes {limit['removes']:,} ({share(limit['removes'], draws)})"
    if not limit["removes"]:
        return removed
    only = "" if alone else f", {limit['removes_alone']:,} of them by this limit alone"
    (settings,) = telling_settings([_costly(limit)])
    with_ = f", with {settings}" if settings else ""
    return f"{removed}{only}; nearest miss: {limit['nearest_miss']}{with_}"


def _costly(limit: Mapping[str, Any]) -> dict[str, Any]:
    """Return those settings of the nearest miss that its cost depends on."""
    of_training = ("training.batch_size", "training.optimizer")
    costly = ("architecture.", *(of_training if "training_memory" in limit["limit"] else ()))
    settings = limit["nearest_settings"].items()
    return {path: value for path, value in settings if path.startswith(costly)}


def _distribution(name: str, found: Mapping[str, Any], on_field: tuple[str, ...]) -> Part:
    """Return a heading and bars, or the heading alone where all are the same."""
    remarks = on_field if name == "receptive_field" else ()
    if found["min"] == found["max"]:
        only = format_size(found["min"]) if name in SIZES else f"{found['min']:,}"
        return Part(TITLES[name], only, remarks=remarks)
    low, middle, high = (_amount(name, found["percentiles"][each]) for each in ("5", "50", "95"))
    histogram = () if name in AS_ANOTHER else found["histogram"]
    bars = tuple(
        (_amount(name, each["from"]), _amount(name, each["to"]), each["count"])
        for each in histogram
    )
    facts = f"median {middle}, 90 % from {low} to {high}"
    return Part(TITLES[name], facts, bars=bars, remarks=remarks)


def _amount(name: str, amount: int) -> str:
    if name in SIZES:
        return format_size(amount)
    return format_count(amount) if name in ("parameters", "macs") else f"{amount:,}"


def _drivers(found: Inspection) -> Iterator[tuple[str, str]]:
    for name, told in found["drivers"].items():
        for each in told:
            low, high = (
                f"{_amount(name, end['mean'])} at {' to '.join(map(setting_value, end['values']))}"
                for end in (each["lowest"], each["highest"])
            )
            setting = each["setting"].removeprefix("architecture.")
            yield wording.heading(name), f"{setting} {100 * each['share']:.0f} %: {low}, {high}"
