"""Reports of runs that were put together by hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.results.searched import searched_run

from cnnsearch.results.report import collect

HOSTILE = "</script><script>document.title = 'taken'</script>"
HOSTILE_CLASSES = (
    HOSTILE,
    "<img src=x onerror=document.title='taken'>",
    "{{ 7 * 7 }}",
    "@accent",
    "line\u2028and\u2029\"'&",
    "pipe|and\\",
    "`x`",
    '"><svg onload=alert(3)>',
)
Reports = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """Return reports by name: `finished`, `several` objectives, `hostile`, `unfinished`."""

    @cache
    def report(name: str) -> dict[str, Any]:
        runs: Path = tmp_path_factory.mktemp("runs")
        options: dict[str, dict[str, Any]] = {
            "finished": {},
            "several": {"objectives": {"val_accuracy": "max", "latency": "min"}},
            "hostile": {
                "classes": HOSTILE_CLASSES,
                "space_name": HOSTILE,
                "dataset": HOSTILE,
                "reason": HOSTILE,
                "message": HOSTILE,
            },
            "unfinished": {"trials": 3, "finished": False},
        }
        return collect(searched_run(runs, **({"trials": 24} | options[name])))

    return report
