"""What became of all candidates is counted, whether the run has ended or not."""

from __future__ import annotations

from typing import Any

from tests.screen.conftest import unfinished

from cnnsearch.screen.outcomes import looked_at


def test_a_run_that_goes_on_counts_the_trial_in_training(summary: dict[str, Any]) -> None:
    looked, ways = map(str, looked_at(unfinished(summary, "running")))

    assert looked == "247 candidates looked at: 7 trained, 240 outside the limits (never trained)"
    assert ways == "7 trials: 2 complete, 3 pruned, 1 failed (1 diverged), 1 running"
