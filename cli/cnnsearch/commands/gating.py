"""What `gate`, `run --ci` and `resume --ci` share: a baseline, a verdict, and who hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnsearch.records.folder import RunFolder
    from cnnsearch.results.finished import Finished
    from cnnsearch.results.gate import Baseline, Update, Verdict
    from cnnsearch.space.gate import GateSection

TITLE = "cnnsearch gate"


@dataclass(frozen=True)
class Job:
    """How a run is carried out for a machine that nobody looks at, and then judged."""

    baseline: Baseline

    @classmethod
    def of(
        cls,
        runs: Path,
        ci: bool,
        name: str | None,
        allow_missing: bool,
        update: bool,
        judged: Path | None = None,
    ) -> Job | None:
        """Return what `--ci` asks for; a baseline that cannot be used is told before the search.

        `judged` is the folder that the run will have, if that is known.

        Raises:
            UsageError: There is no `--ci` for its options.
            RunError: The baseline cannot be used.
        """
        refuse_without_ci(ci, name, allow_missing, update)
        if not ci:
            return None
        return cls(
            baseline_of(runs, name, allow_missing=allow_missing, update=update, judged=judged)
        )


def refuse_without_ci(ci: bool, name: str | None, allow_missing: bool, update: bool) -> None:
    """Raise a UsageError where there is no `--ci` for its options."""
    from cnnsearch.errors import UsageError

    if not ci and (option := _first_given(name, allow_missing, update)) is not None:
        raise UsageError(f"{option} is for --ci; `cnnsearch gate` judges a finished run")


def baseline_of(
    runs: Path, name: str | None, *, allow_missing: bool, update: bool, judged: Path | None = None
) -> Baseline:
    """Return what a run, the `judged` one, is held against; tell where there is nothing yet.

    Raises:
        RunError: The baseline cannot be used.
        UsageError: An option of the baseline stands without one, or does not fit it.
    """
    from cnnsearch.errors import UsageError
    from cnnsearch.results.gate import Baseline, find_baseline
    from cnnsearch.screen.github import annotate

    if name is None:
        if (option := _first_given(name, allow_missing, update)) is not None:
            raise UsageError(f"{option} is for --baseline, which is not given")
        return Baseline()
    found = find_baseline(runs, name, allow_missing=allow_missing, update=update, judged=judged)
    if found.missing is not None:
        annotate("warning" if found.is_outdated else "notice", TITLE, found.missing)
    return found


def _first_given(name: str | None, allow_missing: bool, update: bool) -> str | None:
    options = {
        "--baseline": name is not None,
        "--allow-missing-baseline": allow_missing,
        "--update-baseline": update,
    }
    return next((option for option, given in options.items() if given), None)


def judge_run(
    folder: RunFolder, baseline: Baseline, *, as_json: bool, result: dict[str, Any]
) -> None:
    """Hold a run that has just been finished against its limits; say so where there are none.

    Raises:
        GateFailedError: The gate failed.
    """
    from cnnsearch.results.finished import read_finished
    from cnnsearch.results.gate import limits_of
    from cnnsearch.screen.github import annotate

    run = read_finished(folder.path.parent, str(folder.path))
    limits = limits_of(run)
    if not limits.limits():
        annotate("warning", TITLE, "the space sets no limits in `gate:`, so nothing was judged")
    conclude(run, limits, baseline, as_json=as_json, result=result)


def conclude(
    run: Finished,
    limits: GateSection,
    baseline: Baseline,
    *,
    as_json: bool,
    result: dict[str, Any] | None = None,
) -> None:
    """Judge a run, tell the verdict, and keep the run as the baseline where that is asked for.

    Raises:
        GateFailedError: The gate failed.
    """
    from cnnsearch.errors import GateFailedError
    from cnnsearch.results.gate import judge, update_baseline

    verdict = judge(run, limits, baseline.run)
    _tell_verdict(verdict, run, as_json=as_json, result=result)
    if baseline.folder is not None:
        _tell_update(update_baseline(baseline.folder, run, limits, verdict), run, baseline.folder)
    if verdict.verdict == "failed":
        raise GateFailedError(f"{verdict.run} fails the gate: {', '.join(verdict.failed_figures)}")


def _tell_verdict(
    verdict: Verdict, run: Finished, *, as_json: bool, result: dict[str, Any] | None
) -> None:
    """Print a verdict (as JSON within `result`, if given), and tell GitHub of it."""
    from cnnsearch.commands.printing import print_json
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
    for check in verdict.broken:
        annotate("error" if check.counts_as == "error" else "warning", TITLE, sentence(check))


def _tell_update(done: Update, run: Finished, folder: Path) -> None:
    from cnnsearch.screen.github import annotate, append_step_summary
    from cnnsearch.screen.sheets import Sheet, markdown
    from cnnsearch.screen.verdict_words import update_words

    told = update_words(done, run.name, folder)
    append_step_summary(markdown([Sheet("The baseline", remarks=(told,))]))
    annotate("notice" if done.hindrance is None else "warning", TITLE, told)
