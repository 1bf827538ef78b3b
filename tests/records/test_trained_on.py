"""The steps between a winner's score and its exported state add up, however they are told."""

from __future__ import annotations

import pytest

from cnnsearch.records.trained_on import trained_on


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (
            (1_645, 2_480, 330),
            "505 more steps in the search and 330 with the learning rate annealed",
        ),
        ((140, 280, 140), "140 more steps with the learning rate annealed"),
        ((420, 561, 0), "141 more steps in the search"),
        ((140, 140, 0), None),
        ((None, 280, 140), "140 more steps with the learning rate annealed"),
        ((None, None, None), None),
        ((300, 280, 80), "80 more steps with the learning rate annealed"),  # from an earlier look
    ],
)
def test_what_came_after_the_last_look_is_told_step_by_step(
    steps: tuple[int | None, int | None, int | None], words: str | None
) -> None:
    assert trained_on(*steps) == words
