"""What `gate`, `run --ci` and `resume --ci` share: a baseline, a verdict, and who hears of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnsearch.records.folder import RunFolder
    from cnnsearch.results.finished import Finished
    from cnnsearch.results.gate import Verdict
    from cnnsearch.space.gate import GateSection

TITLE = "cnnsearch gate"


@dataclass(frozen=True)
class Job:
    """How a run is carried out for a machine that nobody looks at, and then judged."""

    baseline: Finished | None

    @classmethod
    def of(
        cls, runs: Path, ci: bool, baseline: str | None, allow_missing_baseline: bool
    ) -> Job | None:
        """Return what `--ci` asks for; a baseline that cannot be used is told before the search.

        Raises:
            UsageError: There is no `--ci` for its options.
            RunError: The baseline cannot be used.
        """
        from cnnsearch.errors import UsageError

        if ci:
            return cls(find_baseline(runs, baseline, allow_missing_baseline))
        if baseline is not None or allow_missing_baseline:
            raise UsageError("--baseline is for --ci; `cnnsearch gate` judges a finished run")
        return None


def find_baseline(
    runs: Path, name: str | None, allow_missing: bool, run: Path | None = None
) -> Finished | None:
    """Return what a run is held against; `run` is its own folder.

    Raises:
        RunError: The baseline is not finished, damaged, from another version, or the run itself;
            or it is missing and may not be.
        UsageError: It may be missing, and none is named.
    """
    from cnnsearch.errors import RunError, UsageError
    from cnnsearch.results.finished import read_baseline
    from cnnsearch.screen.github import annotate

    if name is None:
        if allow_missing:
            raise UsageError("--allow-missing-baseline is for --baseline, which is not given")
        return None
    found = read_baseline(runs, name)
    if found is None and not allow_missing:
        raise RunError(
            f"there is no baseline {name}: no run in {runs}, no summary.json and no folder with "
            "one; with --allow-missing-baseline the first run of all passes without"
        )
    if found is None:
        annotate("notice", TITLE, f"there is no baseline {name} yet: nothing to compare with")
    elif run is not None and found.path.resolve() == run.resolve():
        raise RunError(f"the baseline {name} is the run itself: name an earlier one")
    return found


def gate_of(run: Finished, overrides: Sequence[str] = (), *, required: bool = False) -> GateSection:
    """Return the limits that a run's space sets, with some overridden.

    Raises:
        SpaceError: They are not valid.
        UsageError: Another setting than a limit is overridden; or none is set, and one is required.
    """
    from cnnsearch.errors import UsageError
    from cnnsearch.records.folder import RunFolder
    from cnnsearch.space import load_space

    for override in overrides:
        if not override.strip().startswith("gate."):
            raise UsageError(f"--set {override}: the search is over; only gate.* can be changed")
    limits = load_space(RunFolder(run.path).space_file, overrides).gate
    if required and not limits.limits():
        raise UsageError(
            f"the space of {run.name} sets no limits: give one, such as "
            "--set gate.test_accuracy.min=0.9, or a section `gate:` to the space"
        )
    return limits


def judge_run(folder: RunFolder, baseline: Finished | None) -> tuple[Verdict, Finished]:
    """Hold a run that has just been finished against its limits; say so where there are none."""
    from cnnsearch.results.finished import read_finished
    from cnnsearch.results.gate import judge
    from cnnsearch.screen.github import annotate

    run = read_finished(folder.path.parent, str(folder.path))
    limits = gate_of(run)
    if not limits.limits():
        annotate("warning", TITLE, "the space sets no limits in `gate:`, so nothing was judged")
    return judge(run, limits, baseline), run


def tell_verdict(
    verdict: Verdict, run: Finished, *, as_json: bool, result: dict[str, Any] | None = None
) -> None:
    """Print a verdict (as JSON within `result`, if given), and tell GitHub of it.

    Raises:
        GateFailedError: The gate failed.
    """
    from cnnsearch.commands.carrying_out import print_json
    from cnnsearch.errors import GateFailedError
    from cnnsearch.screen.github import annotate, append_step_summary
    from cnnsearch.screen.sheets import markdown, print_sheets
    from cnnsearch.screen.verdict_words import sentence, verdict_sheets

    sheets = list(verdict_sheets(verdict, run))
    found = verdict.to_json()
    if as_json:
        print_json(found if result is None else {**result, "gate": found})
    else:
        print_sheets(sheets[:1])
    append_step_summary(markdown(sheets))
    broken = [check for check in verdict.checks if check.counts_as != "passed"]
    for check in broken:
        annotate("error" if check.counts_as == "error" else "warning", TITLE, sentence(check))
    if verdict.verdict == "failed":
        names = dict.fromkeys(check.figure for check in broken if check.counts_as == "error")
        raise GateFailedError(f"{verdict.run} fails the gate: {', '.join(names)}")


@contextlib.contextmanager
def telling_the_job(folder: RunFolder) -> Iterator[None]:
    """Tell a job of GitHub's, on its page too, why a run ended before its end."""
    from cnnsearch.errors import CnnsearchError, StoppedError
    from cnnsearch.screen.github import annotate, append_step_summary, on_github
    from cnnsearch.screen.sheets import Sheet, markdown

    try:
        yield
    except CnnsearchError as error:
        stopped = isinstance(error, StoppedError)
        title = f"{folder.name}: {'stopped, to go on in the next job' if stopped else 'failed'}"
        append_step_summary(markdown([Sheet(title, remarks=(str(error),))]))
        if on_github():
            annotate("warning" if stopped else "error", "cnnsearch", str(error))
        raise
