"""Why the winner won is told in words that need no knowledge of the methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Group

from cnnsearch.screen.explanation import explanation_lines

Render = Callable[..., str]
WIDTH, KERNEL = "architecture.stages.width", "architecture.stages.0.kernel_size"


@pytest.fixture
def summary() -> dict[str, Any]:
    entries = [
        {"setting": WIDTH, "share": 0.62, "usual": 32, "with_it": 5, "of_all": 13},
        {"setting": "training.learning_rate", "share": 0.3, "usual": 0.00417, "with_it": None},
        {"setting": KERNEL, "share": 0.08, "usual": 3, "with_it": 2, "of_all": 9},
    ]
    chances = (1e-4, 0.03, 0.4)
    entries = [e | {"chance": c} for e, c in zip(entries, chances, strict=True)]
    near = {"trial": 7, "step": 210, "worse_by": 0.0123}
    ahead = {"trial": 9, "step": 70, "worse_by": -0.02}
    return {
        "trials": [{"settings": {WIDTH: 8, KERNEL: 3, "training.learning_rate": 1e-3}}],
        "explanation": {
            "importance": {"step": 70, "trials": 40, "best_trials": 5, "settings": entries},
            "losers": {
                "trial": 3,
                "chance": 0.0212,
                "trials": [
                    {**near, "differences": [{"setting": WIDTH, "winner": 32, "loser": 16}]},
                    {**ahead, "differences": [{"setting": KERNEL, "winner": 3, "loser": None}] * 5},
                ],
            },
            "early_looks": [
                {"from_step": 70, "to_step": 210, "trials": 17, "same_order": 0.9},
                {"from_step": 70, "to_step": 630, "trials": 5, "same_order": 0.8},
            ],
        },
    }


def test_what_mattered_what_was_near_and_whether_to_trust_it(
    summary: dict[str, Any], render: Render
) -> None:
    shown = render(Group(*explanation_lines(summary)), width=80)
    shown = "".join(f"{line.rstrip()}\n" for line in shown.splitlines())

    assert (
        shown
        == """\

what set the best 5 of 40 trials apart, all looked at after 70 steps
  stages.width    62 %  32 in 5 of the best 5, in 13 of all 40
  learning_rate   30 %  about 0.00417 in the middle of the best
  (a hint where to look: what is passed on together from a good trial shares its
  success)

the trials most like trial 3, each after as many steps as it
  trial 7: 0.0123 worse after 210 steps, with stages.width 16, not 32
  trial 9: 0.0200 better after 70 steps, with 0.kernel_size none, not 3;
  0.kernel_size none, not 3; 0.kernel_size none, not 3; 2 more settings
  (a difference below 0.021 may be chance)

did the early looks tell the truth?
  Of 5 trials that were looked at after 70 steps and again after 630: of any
  two, the one ahead early was ahead later in 80 % of cases (50 % would be
  guessing, of so few perhaps by chance).
  Trials stopped early are missing there. Those let on lie close together, so
  among all the figure is likely higher; whether a stopped one would have won,
  nobody knows.
"""
    )


def test_a_trial_that_is_just_as_good_is_told_as_such(
    summary: dict[str, Any], render: Render
) -> None:
    summary["explanation"]["losers"]["trials"][0]["worse_by"] = 0.0

    assert "trial 7: just as good after 210" in render(Group(*explanation_lines(summary)))


def test_what_may_be_chance_is_not_told(summary: dict[str, Any]) -> None:
    for entry in summary["explanation"]["importance"]["settings"]:
        entry["chance"] = 0.05

    assert explanation_lines(summary)[1] == (
        "no setting set the best 5 of 40 trials apart by more than chance may, "
        "looked at after 70 steps"
    )


def test_what_is_not_known_is_not_told(summary: dict[str, Any]) -> None:
    nothing: dict[str, Any] = {"importance": None, "losers": None, "early_looks": []}

    assert explanation_lines({**summary, "explanation": nothing}) == []
    assert explanation_lines({**summary, "explanation": None}) == []
    assert explanation_lines({}) == []


def test_looks_without_an_order_tell_nothing(summary: dict[str, Any]) -> None:
    looks = [{"from_step": 70, "to_step": 210, "trials": 3, "same_order": None}]

    assert explanation_lines({**summary, "explanation": {"early_looks": looks}}) == []
