"""What is missing is told before the search begins, and what is not asked for costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnsearch.main import COMMANDS, execute, make_app
from cnnsearch.records.folder import RunFolder
from cnnsearch.tracking import companion
from cnnsearch.tracking.companion import tracked
from cnnsearch.tracking.targets import Targets


@pytest.mark.parametrize(
    ("options", "extra"),
    [(["--tensorboard"], "tensorboard"), (["--mlflow", "http://localhost:5000"], "mlflow")],
)
def test_a_missing_extra_is_named_before_the_search_begins(
    options: list[str],
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("cnnsearch.tracking.targets.find_spec", lambda name: None)

    code = execute(make_app(*COMMANDS), ["run", "--runs", str(tmp_path / "runs"), *options])

    assert code == 2
    assert f"--{extra} needs the extra `{extra}`" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_who_does_not_say_where_to_log_is_asked(
    begun: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(make_app(*COMMANDS), ["track", str(begun.path)]) == 2
    assert "--tensorboard" in capsys.readouterr().err


def test_no_process_is_started_where_nothing_is_asked_for(
    begun: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(companion, "_start", lambda *_: pytest.fail("a process was started"))

    with tracked(begun, Targets()):
        pass

    assert not begun.tracking_log.exists()


def test_a_run_is_logged_by_a_process_beside_it(
    begun: RunFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tensorboard", reason="the extra `tensorboard` is not installed")

    with tracked(begun, Targets(tensorboard=True)):
        pass

    assert capfd.readouterr().err == ""
    assert [path.name for path in sorted(begun.tensorboard.iterdir())] == [
        "trial-0000",
        "trial-0001",
    ]


def test_a_log_that_is_not_whole_is_told_and_does_not_fail_the_run(
    begun: RunFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    begun.tensorboard.write_text("in the way of the folder", encoding="utf-8")
    with tracked(begun, Targets(tensorboard=True)):
        pass

    assert (
        f"`cnnsearch track {begun.path} --tensorboard` completes the log" in capfd.readouterr().err
    )
