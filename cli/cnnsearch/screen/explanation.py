"""Why the winner won, in words for those who do not know the methods behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from cnnsearch.screen import wording
from cnnsearch.screen.fields import Event, mappings, number, section, text, whole
from cnnsearch.screen.setting_words import setting_value, short_name

UNLIKELY = 0.05  # what chance alone would do less often is told
MOST_SETTINGS = 4  # told of those that mattered
MOST_DIFFERENCES = 3  # told of a loser, in full
FEW_TRIALS = 6  # fewer say little of whether the early looks told the truth


def explanation_lines(summary: Mapping[str, Any]) -> list[RenderableType]:
    """Return what mattered, what was near and whether the early looks told the truth."""
    explanation = section(summary, "explanation")
    if not explanation or not isinstance(summary.get("trials"), list):
        return []
    return [
        *_importance(section(explanation, "importance")),
        *_losers(section(explanation, "losers")),
        *_early_looks(mappings(explanation, "early_looks")),
    ]


def _importance(importance: Event) -> Iterator[RenderableType]:
    settings = mappings(importance, "settings")
    trials, best = whole(importance, "trials"), whole(importance, "best_trials")
    if not settings or trials is None or best is None:
        return
    step = wording.whole_number(number(importance, "step"))
    told = [entry for entry in settings if (number(entry, "chance") or 0.0) < UNLIKELY]
    told = told[:MOST_SETTINGS]
    yield ""
    if not told:
        yield (
            f"no setting set the best {best:,} of {trials:,} trials apart by more than chance may, "
            f"looked at after {step} steps"
        )
        return
    yield f"what set the best {best:,} of {trials:,} trials apart, all looked at after {step} steps"
    width = max(len(_name(entry)) for entry in told)
    for entry in told:
        share = 100 * (number(entry, "share") or 0.0)
        usual = _usual(entry, best, trials)
        yield f"  {_name(entry):<{width}}  {share:3.0f} %  {usual}"
    yield _told(
        "(a hint where to look: what is passed on together from a good trial shares its success)"
    )


def _usual(entry: Event, best: int, trials: int) -> str:
    value, with_it, of_all = entry.get("usual"), whole(entry, "with_it"), whole(entry, "of_all")
    if with_it is None:
        return f"about {setting_value(value)} in the middle of the best"
    words = f"{setting_value(value)} in {with_it:,} of the best {best:,}"
    return words if of_all is None else f"{words}, in {of_all:,} of all {trials:,}"


def _losers(losers: Event) -> Iterator[RenderableType]:
    trials = mappings(losers, "trials")
    if not trials:
        return
    yield ""
    yield f"the trials most like trial {whole(losers, 'trial')}, each after as many steps as it"
    for trial in trials:
        after = wording.whole_number(number(trial, "step"))
        standing = beside_winner(number(trial, "worse_by") or 0.0)
        head = f"trial {whole(trial, 'trial')}: {standing} after {after}"
        yield _told(f"{head} steps, with {differences(trial, MOST_DIFFERENCES)}")
    chance = number(losers, "chance")
    if chance is not None:
        yield f"  (a difference below {chance:.3f} may be chance)"


def beside_winner(worse_by: float) -> str:
    """Return how a trial stood beside the winner: `0.0123 worse`."""
    if not worse_by:
        return "just as good"
    return f"{wording.score(abs(worse_by))} {'worse' if worse_by > 0 else 'better'}"


def differences(trial: Event, most: int) -> str:
    """Return what a trial had else than the winner: `most` settings, and how many more."""
    found = mappings(trial, "differences")
    words = [
        f"{_name(entry)} {_value(entry, 'loser')}, not {_value(entry, 'winner')}"
        for entry in found[:most]
    ]
    more = len(found) - len(words)
    words += [f"{more} more settings"] if more > 1 else ["1 more setting"] if more else []
    return "; ".join(words) or "the same settings"


def _value(entry: Event, key: str) -> str:
    value = entry.get(key)
    return "none" if value is None else setting_value(value)


def _early_looks(compared: Sequence[Event]) -> Iterator[RenderableType]:
    if not compared:
        return
    widest = compared[-1]
    trials, share = whole(widest, "trials") or 0, number(widest, "same_order")
    if share is None:
        return
    early, late = (wording.whole_number(number(widest, key)) for key in ("from_step", "to_step"))
    yield ""
    yield "did the early looks tell the truth?"
    few = ", of so few perhaps by chance" if trials < FEW_TRIALS else ""
    yield _told(
        f"Of {trials:,} trials that were looked at after {early} steps and again after {late}: "
        f"of any two, the one ahead early was ahead later in {100 * share:.0f} % of cases "
        f"(50 % would be guessing{few})."
    )
    yield _told(
        "Trials stopped early are missing there. Those let on lie close together, so among all the "
        "figure is likely higher; whether a stopped one would have won, nobody knows."
    )


def _name(entry: Event) -> str:
    return short_name(text(entry, "setting") or "")


def _told(words: str) -> RenderableType:
    """Return words that stay indented where the terminal breaks them."""
    return Padding(Text(words), (0, 0, 0, 2), expand=False)
