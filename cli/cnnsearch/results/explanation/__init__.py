"""Why the winner won: which settings mattered, what its nearest losers lacked, whether to trust it.

Scores are compared after the same number of steps of the plan only: a pruned trial had fewer than
the winner, and its last score says nothing against the winner's last one.
"""

from __future__ import annotations

from typing import Any

from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import Study
from cnnsearch.results.explanation.importance import importance
from cnnsearch.results.explanation.losers import nearest_losers
from cnnsearch.results.explanation.truth import early_looks


def explain(folder: RunFolder, study: Study) -> dict[str, Any]:
    """Return what the trials of a run tell, finished or not; nothing is left out, some is None."""
    best = study.best()
    return {
        "importance": importance(study),
        "losers": nearest_losers(folder, study, best) if best else None,
        "early_looks": early_looks(study.trials()),
    }
