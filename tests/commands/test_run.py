"""The main job, end to end, with real processes: search, finish, test, export, show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cnnsearch.results.summary_model import summary_schema

pytestmark = pytest.mark.slow

# What a client of TensorFlow Serving does: signatures and tensors by name, images or their files.
SERVE = """
import io, sys, numpy, tensorflow
from PIL import Image
sys.modules["cnnsearch"] = None
images = numpy.load("tiny.npz")["x_test"]
labels = numpy.load("tiny.npz")["y_test"]
signatures = tensorflow.saved_model.load(sys.argv[1]).signatures
assert {"serving_default", "serving_bytes"} <= set(signatures), set(signatures)

def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()

sent = {
    "serving_default": {"image": tensorflow.constant(images[..., None])},
    "serving_bytes": {"image_bytes": tensorflow.constant([png(pixels) for pixels in images])},
}
answers = {name: signatures[name](**inputs) for name, inputs in sent.items()}
for answer in answers.values():
    assert set(answer) == {"probabilities", "label"}
    assert numpy.allclose(answer["probabilities"].numpy().sum(-1), 1, atol=1e-5)
    print(int((answer["label"].numpy().astype(int) == labels).sum()))
"""


TEMPORARY = "temporary files"  # of the processes


def _command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cnnsearch", *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder / TEMPORARY), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, write_tiny_space: Any) -> Path:
    """Return a folder in which one run has been carried out to its end."""
    folder = tmp_path_factory.mktemp("finished run")
    write_tiny_space(folder)
    (folder / TEMPORARY).mkdir()
    done = _command(folder, "run", "tiny.yaml", "--json")
    assert done.returncode == 0, done.stderr
    (folder / "printed.json").write_text(done.stdout, encoding="utf-8")
    (folder / "log.txt").write_text(done.stderr, encoding="utf-8")
    return folder


def _shown(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_command(folder, "show", "--json").stdout)
    return found


def test_the_printed_result_is_the_summary_and_what_show_tells(finished: Path) -> None:
    printed = json.loads((finished / "printed.json").read_text(encoding="utf-8"))
    kept = json.loads((finished / "runs/tiny-1/summary.json").read_text(encoding="utf-8"))

    assert printed == kept
    assert _shown(finished)["trials"] == printed["trials"]


def test_nothing_is_left_in_the_temporary_folder(finished: Path) -> None:
    assert [path.name for path in (finished / TEMPORARY).rglob("*")] == []


def test_the_summary_fits_its_schema(finished: Path) -> None:
    kept = json.loads((finished / "runs/tiny-1/summary.json").read_text(encoding="utf-8"))

    Draft202012Validator(summary_schema()).validate(kept)


def test_every_trial_is_told_with_its_facts(finished: Path) -> None:
    summary = _shown(finished)

    assert summary["version"] == 1
    assert summary["run"]["state"] == "finished"
    assert [trial["number"] for trial in summary["trials"]] == [0, 1, 2, 3, 4]
    for trial in summary["trials"]:
        assert trial["state"] in ("complete", "pruned")
        assert 0 <= trial["value"] <= 1
        assert trial["parameters"] > 0
        assert trial["macs"] > 0
        assert "training.learning_rate" in trial["settings"]


def test_its_winner_is_evaluated_by_what_was_predicted_when_it_was_tested(finished: Path) -> None:
    done = _command(finished, "evaluate", "tiny-1", "--data", "tiny.npz", "--json")

    found, tested = json.loads(done.stdout), _shown(finished)["test"]
    assert found["data"]["stored"]
    assert {key: found["evaluation"][key] for key in tested} == tested


def test_no_two_trials_train_the_same_network(finished: Path) -> None:
    trials = _shown(finished)["trials"]

    assert len({json.dumps(trial["settings"]) for trial in trials}) == len(trials)


def test_the_winner_is_the_best_by_validation(finished: Path) -> None:
    summary = _shown(finished)

    best = max(trial["value"] for trial in summary["trials"])
    assert summary["winner"]["value_in_search"] == best
    assert summary["winner"]["value"] >= best


def test_the_saved_model_serves_without_this_package_what_was_tested(finished: Path) -> None:
    model = str(finished / "runs/tiny-1/export/saved_model")

    served = subprocess.run(
        [sys.executable, "-I", "-c", SERVE, model],
        cwd=finished,
        capture_output=True,
        text=True,
        check=False,
    )

    assert served.returncode == 0, served.stderr
    correct = _shown(finished)["test"]["correct"]
    assert [int(line) for line in served.stdout.split()] == [correct, correct]


def test_labels_and_proofs_lie_beside_the_model(finished: Path) -> None:
    labels = (finished / "runs/tiny-1/export/labels.txt").read_text(encoding="utf-8")

    assert labels == "0\n1\n2\n"
    for export in _shown(finished)["exports"]:
        assert export["largest_difference"] <= 1e-5
        assert (finished / "runs/tiny-1" / export["path"]).exists()


def test_a_format_is_added_to_the_export_of_a_finished_run(finished: Path) -> None:
    done = _command(finished, "export", "--format", "onnx", "--json")

    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout)
    assert [row["format"] for row in manifest["models"]] == ["savedmodel", "keras", "onnx"]
    assert manifest["models"][-1]["largest_difference"] <= 1e-4
    assert [row["format"] for row in _shown(finished)["exports"]] == ["savedmodel", "keras", "onnx"]
    card = (finished / "runs/tiny-1/export/model_card.md").read_text(encoding="utf-8")
    assert f"test accuracy **{_shown(finished)['test']['accuracy']:.4f}**" in card


def test_the_log_has_one_line_an_event_and_no_traceback(finished: Path) -> None:
    log = (finished / "log.txt").read_text(encoding="utf-8")

    assert "trial 0 started" in log
    assert "test accuracy" in log
    assert "Traceback" not in log


def test_runs_lists_it(finished: Path) -> None:
    (row,) = json.loads(_command(finished, "runs", "--json").stdout)["runs"]

    assert (row["name"], row["state"], row["trials"]) == ("tiny-1", "finished", 5)


def test_timing_tells_the_share_of_training(finished: Path) -> None:
    timing = _shown(finished)["timing"]

    assert 0.5 < timing["training_share"] < 1
    assert "training share" in _command(finished, "show", "--timing").stdout


def test_the_layers_of_the_winner_are_told_with_how_they_were_trained(finished: Path) -> None:
    layers = json.loads(_command(finished, "show", "--architecture", "--json").stdout)
    winner = _shown(finished)["winner"]

    assert layers["title"] == f"tiny-1, trial {winner['trial']}"
    assert layers["parameters"] == winner["parameters"]
    assert layers["training"]["batch_size"] == 32


def test_a_finished_run_is_not_resumed(finished: Path) -> None:
    again = _command(finished, "resume")

    assert again.returncode == 2
    assert again.stderr.startswith("Error: the run tiny-1 is finished")


def test_checkpoints_that_cannot_win_are_gone(finished: Path) -> None:
    trials = finished / "runs/tiny-1/trials"

    assert len(list(trials.glob("*/scored.npz"))) == 1
    assert not list(trials.glob("*/latest.npz"))
    assert len(list(trials.glob("*/architecture.json"))) == 5


def test_a_run_begins_with_what_another_has_learned(finished: Path) -> None:
    before = _shown(finished)["trials"]

    done = _command(finished, "run", "tiny.yaml", "--from", "tiny-1", "--trials", "2", "--json")

    assert done.returncode == 0, done.stderr
    assert "learns from 5 trials of tiny-1" in done.stderr
    trials = json.loads(done.stdout)["trials"]
    furthest = max(before, key=lambda trial: (trial["steps"], trial["looks"][str(trial["steps"])]))
    assert [trial["number"] for trial in trials] == [0, 1]
    assert trials[0]["settings"] == furthest["settings"]


def test_a_run_that_has_nothing_to_search_still_trains_and_exports(tiny_space: Path) -> None:
    fixed = tiny_space.with_name("fixed.yaml")
    fixed.write_text(
        "name: fixed\n"
        "data: {source: tiny.npz, validation: 0.2}\n"
        "architecture: {stages: [{block: conv, width: 4}]}\n"
        "training: {learning_rate: 1e-2, batch_size: 32, epochs: 4}\n",
        encoding="utf-8",
    )

    done = _command(tiny_space.parent, "run", "fixed.yaml", "--json")

    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["trials"]) == 1
