"""What `cnnsearch compare` reads before it compares, and the page that it writes."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnsearch.results.finished import Finished


def read_all(
    runs: Path, names: Sequence[str], *, as_json: bool, as_markdown: bool
) -> list[Finished]:
    """Return the finished runs of these names, folders or summaries.

    Raises:
        UsageError: It is one run only, one is named twice, or two ways to print were asked for.
        RunError: One cannot be used.
    """
    from cnnsearch.errors import UsageError
    from cnnsearch.results.finished import read_baseline, read_finished

    if as_json and as_markdown:
        raise UsageError("--json and --md are two ways to print; give one")
    if len(names) < 2:
        raise UsageError(f"there is nothing to compare {names[0]} with: name two runs or more")
    found = [read_baseline(runs, name) or read_finished(runs, name) for name in names]
    files = [run.file.resolve() for run in found]
    for index, run in enumerate(found):
        if files[index] in files[:index]:
            raise UsageError(f"the run {run.name} is named twice")
    return found


def write_page(path: Path, runs: Sequence[Finished], found: Mapping[str, Any]) -> None:
    """Write the page of what was `found` between the runs.

    Raises:
        UsageError: It cannot be written there.
    """
    from cnnsearch.results.comparison.courses import courses
    from cnnsearch.screen.comparison_page import comparison_page
    from cnnsearch.screen.small_page import save_page

    save_page(path, comparison_page(found, courses(runs)))
    print(f"wrote {path}", file=sys.stderr)
