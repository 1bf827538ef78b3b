"""A trial whose weights are kept can be exported; of any other it is said why it cannot."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import pytest
from tests.tuning.worker.conftest import CPU

from cnnsearch.errors import RunError, UsageError
from cnnsearch.exporting import proof
from cnnsearch.records.files import append_json_line
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import Study, open_study
from cnnsearch.space import draw, first_guess, load_space
from cnnsearch.tuning.rungs import RungPlan
from cnnsearch.tuning.start import open_as_begun, start_run
from cnnsearch.tuning.worker.checkpoint import SCORED, save_checkpoint
from cnnsearch.tuning.worker.exporting import export_again
from cnnsearch.tuning.worker.hypermodel import CandidateModel


@pytest.fixture
def proof_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prove in this process, which has TensorFlow already."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.setattr(proof, "REPEATING_S", 0.0)

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        sample, paths = command[-2:]
        output = json.dumps(proof.main(sample, json.loads(paths)))
        return subprocess.CompletedProcess(command, 0, output, "")

    monkeypatch.setattr(subprocess, "run", run)


@pytest.fixture
def folder(tiny_space: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunFolder]:
    """A run of two trials, of which the second has kept its weights; there is no winner yet."""
    monkeypatch.chdir(tiny_space.parent)
    run = start_run(load_space("tiny.yaml"), Path("runs"), "night")
    study = open_study(run.journal, writing=True)
    for looks in (0.5, 0.75):
        _add_trial(run, study, looks)
    space, dataset = open_as_begun(run)
    hypermodel = CandidateModel(space, dataset, RungPlan((4, 12), 2, 8), CPU)
    model = hypermodel.as_served(draw(space, first_guess))
    save_checkpoint(run.trial(1) / SCORED, model.variables, 12)
    yield run
    keras.backend.clear_session()


def _add_trial(run: RunFolder, study: Study, value: float) -> None:
    candidate = draw(load_space(run.space_file), first_guess)
    number = study.add_trial(candidate.settings, candidate.choices, parameters=9, macs=9).number
    study.report(number, 12, value)
    study.end_trial(number, "pruned", seconds={})


@pytest.mark.usefixtures("proof_here")
def test_a_trial_is_exported_to_its_own_folder_without_a_look_at_the_test_split(
    folder: RunFolder,
) -> None:
    manifest = export_again(folder, trial=1, formats=["keras"])

    assert manifest["folder"] == str(folder.trial(1) / "export")
    assert (manifest["trial"], manifest["is_winner"]) == (1, False)
    card = (folder.trial(1) / "export" / "model_card.md").read_text(encoding="utf-8")
    assert "validation accuracy **0.7500**" in card
    assert "test score was **not read**" in card
    assert not folder.export.exists()
    assert "exports" not in open_study(folder.journal).facts()


@pytest.mark.usefixtures("proof_here")
def test_a_winner_is_exported_besides_what_was_there_and_the_study_knows(
    folder: RunFolder,
) -> None:
    winner = {"trial": 1, "value": 0.75, "steps": 12, "annealed_steps": 0, "checkpoint": SCORED}
    tested = {"correct": 100, "count": 150}
    open_study(folder.journal, writing=True).note_study(winner=winner, tested=tested)
    folder.export.mkdir()
    (folder.export / "saved_model").mkdir()
    (folder.export / "labels.txt").write_text("0\n1\n2\n")

    manifest = export_again(folder, formats=["keras"])

    assert [row["format"] for row in manifest["models"]] == ["savedmodel", "keras"]
    exports = open_study(folder.journal).facts()["exports"]
    assert [row["path"] for row in exports] == ["export/saved_model", "export/model.keras"]
    card = (folder.export / "model_card.md").read_text(encoding="utf-8")
    assert f"test accuracy **{100 / 150:.4f}**" in card


def refusal(folder: RunFolder, **options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        export_again(folder, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("exit_code", "ended"),
    [(130, "it was stopped"), (75, "it was stopped"), (5, "it failed"), (None, "it was killed")],
)
def test_a_run_without_winner_says_how_it_ended_and_what_can_be_exported(
    folder: RunFolder, exit_code: int | None, ended: str
) -> None:
    if exit_code is not None:
        event = {"event": "stopped", "reason": "", "exit_code": exit_code}
        append_json_line(folder.events, event)

    told = refusal(folder)

    assert told.startswith(f"the run night has no winner yet: {ended}")
    assert ("cnnsearch resume night\n" in told) == (ended != "it failed")
    assert told.endswith("weights are kept of trial 1")


def test_a_trial_whose_weights_are_gone_says_whose_are_kept(folder: RunFolder) -> None:
    told = refusal(folder, trial=0)

    assert told.startswith("the weights of trial 0 of night are gone")
    assert told.endswith("weights are kept of trial 1")


@pytest.mark.parametrize("number", [-1, 2, 7])
def test_a_trial_that_never_was_says_which_were(folder: RunFolder, number: int) -> None:
    told = refusal(folder, trial=number)

    assert told == f"there is no trial {number}; the run has trials 0 to 1"


def test_an_export_without_the_images_says_what_they_are_for(
    folder: RunFolder, tiny_space: Path
) -> None:
    (tiny_space.parent / "tiny.npz").unlink()

    told = refusal(folder, trial=1)

    assert "tiny.npz" in told
    assert "an export needs the images of its run: each file is proved equal" in told


def test_damaged_weights_are_told_by_their_file(folder: RunFolder) -> None:
    (folder.trial(1) / SCORED).write_bytes(b"PK cut short")

    told = refusal(folder, trial=1)

    assert "scored.npz cannot be read: it is damaged\n" in told
    assert "the weights of trial 1 are lost with it: put it back from a copy" in told


def test_a_folder_of_something_else_is_not_replaced(folder: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")

    told = refusal(folder, trial=1, formats=["keras"], out=tmp_path / "mine")

    assert "is no export of cnnsearch" in told
    assert (tmp_path / "mine" / "thesis.tex").exists()


@pytest.mark.parametrize("name", ["labels.txt", "manifest.json"])
def test_a_folder_that_only_has_a_file_of_an_exports_name_is_not_replaced(
    folder: RunFolder, tmp_path: Path, name: str
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / name).write_text("cat\ndog\n")
    (photos / "cat.jpg").write_bytes(b"the only copy")

    told = refusal(folder, trial=1, formats=["keras"], out=photos)

    assert "is no export of cnnsearch (it holds cat.jpg)" in told
    assert (photos / "cat.jpg").read_bytes() == b"the only copy"


def test_data_that_have_changed_since_are_refused(folder: RunFolder) -> None:
    facts = json.loads(folder.run_file.read_text())
    facts["dataset"]["fingerprint"] = "another"
    folder.run_file.write_text(json.dumps(facts))

    with pytest.raises(RunError, match="has changed since night began"):
        export_again(folder, trial=1)
