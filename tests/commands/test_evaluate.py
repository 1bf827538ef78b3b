"""`cnnsearch evaluate` tells how good a model is, and on which images."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.commands.conftest import Call, SaveImage

from cnnsearch.records.folder import RunFolder, write_run_facts
from cnnsearch.records.test_split import TestPredictions, write_test_predictions
from cnnsearch.results.interval import wilson_interval

TRAINED_ON = {"dataset": {"shape": [4, 4, 1]}}


@pytest.fixture
def photos(save_image: SaveImage, tmp_path: Path) -> Path:
    """Two days and two nights, of which one is bright; the model has the classes the other way."""
    for name, brightness in (("a", 255), ("b", 250)):
        save_image(f"photos/day/{name}.png", brightness)
    for name, brightness in (("dark", 0), ("full moon", 200)):
        save_image(f"photos/night/{name}.png", brightness)
    return tmp_path / "photos"


@pytest.fixture
def finished(tmp_path: Path, photos: Path) -> RunFolder:
    """A run on the photos that has tested its winner on one day and one night."""
    for name in ("day", "night"):
        shutil.copy(photos / name / next((photos / name).iterdir()), photos / name / "c.png")
    run = RunFolder(tmp_path / "runs" / "sky")
    run.export.mkdir(parents=True)
    write_run_facts(run, f"name: sky\nextends: default\ndata: {{source: {photos}}}\n", TRAINED_ON)
    (run.export / "labels.txt").write_text("day\nnight\n", encoding="utf-8")
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2]], np.float32)
    write_test_predictions(run, TestPredictions(probabilities, np.array([0, 1])))
    return run


def test_a_folder_is_evaluated_by_the_names_of_its_classes(
    call: Call, day_and_night: Path, photos: Path
) -> None:
    found = call("evaluate", day_and_night, "--data", photos, "--json").json

    assert found["data"] == {
        "source": str(photos),
        "split": "all",
        "stored": False,
        "by_number": False,
    }
    evaluation = found["evaluation"]
    low, high = wilson_interval(3, 4)
    assert [evaluation[key] for key in ("correct", "count", "low", "high")] == [3, 4, low, high]
    assert [each["name"] for each in evaluation["classes"]] == ["night", "day"]
    assert evaluation["confusion"] == [[1, 1], [0, 2]]
    (mistake,) = evaluation["mistakes"]
    assert mistake["image"] == str(photos / "night" / "full moon.png")
    assert (mistake["label"], mistake["predicted"]) == ("night", "day")


def test_it_is_printed_to_be_read(call: Call, day_and_night: Path, photos: Path) -> None:
    said = call("evaluate", day_and_night, "--data", "photos")

    assert (said.code, said.errors) == (0, "")
    assert (
        said.output
        == f"""\
model         {day_and_night / "model.keras"}
data          photos, all images: it has no test split
accuracy      0.7500 (95 % interval 0.3006 to 0.9544, 4 examples)
mean F1       0.7333 over the classes
calibration   0.2409 expected error of confidence

class  images  precision  recall      F1
night       2     1.0000  0.5000  0.6667
day         2     0.6667  1.0000  0.8000

Confusion: a row for what images show, a column for what was predicted
is       0  1
0 night  1  1
1 day    .  2

Most confident mistakes, by file
image                       is     predicted  confidence
photos/night/full moon.png  night  day            0.9067
"""
    )


def test_only_the_test_split_of_a_folder_is_evaluated_where_there_is_one(
    call: Call, day_and_night: Path, photos: Path
) -> None:
    photos.rename(photos.parent / "test")
    (photos / "train").mkdir(parents=True)
    (photos.parent / "test").rename(photos / "test")
    for name in ("day", "night"):
        (photos / "train" / name).mkdir()
        (photos / "train" / name / "not read.png").write_bytes(b"no image")

    found = call("evaluate", day_and_night, "--data", photos, "--json").json

    assert (found["data"]["split"], found["evaluation"]["count"]) == ("test", 4)


def _arrays(**more: Any) -> dict[str, Any]:
    images = np.zeros((3, 4, 4), np.uint8)
    images[0] = 255
    return {"x": images, "y": np.array([1, 0, 1]), **more}


def test_an_archive_without_names_is_evaluated_by_number_and_says_so(
    call: Call, day_and_night: Path, tmp_path: Path
) -> None:
    np.savez(tmp_path / "d.npz", **_arrays())

    found = call("evaluate", day_and_night, "--data", "d.npz", "--json").json

    assert found["data"]["by_number"]
    assert found["evaluation"]["confusion"] == [[1, 0], [1, 1]]
    assert [(each["index"], each["image"]) for each in found["evaluation"]["mistakes"]] == [
        (2, None)
    ]
    assert (
        "its label 0 is the model's first"
        in call("evaluate", day_and_night, "--data", "d.npz").output
    )


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (_arrays(classes=["night", "dusk"]), "that the model does not know: dusk; it knows night"),
        (_arrays(y=np.array([0, 1, 2])), "has label 2, and the model knows 2 classes (0 to 1)"),
        (
            _arrays(x=np.zeros((3, 4, 4, 3), np.uint8)),
            "images are 4x4x3, and the model takes 4x4x1",
        ),
    ],
    ids=["an unknown class", "an unknown number", "other channels"],
)
def test_data_that_does_not_fit_the_model_is_refused(
    arrays: dict[str, Any], words: str, call: Call, day_and_night: Path, tmp_path: Path
) -> None:
    np.savez(tmp_path / "d.npz", **arrays)

    said = call("evaluate", day_and_night, "--data", "d.npz")

    assert (said.code, said.output) == (2, "")
    assert words in said.errors


def test_an_image_that_is_none_is_refused(call: Call, day_and_night: Path, photos: Path) -> None:
    (photos / "day" / "c.png").write_bytes(b"no image")

    said = call("evaluate", day_and_night, "--data", "photos")

    assert (said.code, said.output) == (2, "")
    assert "1 image cannot be read\n  photos/day/c.png: not an image" in said.errors


@pytest.mark.parametrize("data", [[], ["--data", "photos"]])
@pytest.mark.usefixtures("finished")
def test_a_runs_own_test_split_is_told_by_what_was_stored_when_it_was_read(
    data: list[str], call: Call, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnsearch.exporting.opening.open_model", None)

    found = call("evaluate", "sky", *data, "--json").json

    assert found["data"] == {
        "source": str(photos),
        "split": "test",
        "stored": True,
        "by_number": False,
    }
    assert found["evaluation"]["confusion"] == [[1, 0], [1, 0]]
    (mistake,) = found["evaluation"]["mistakes"]
    assert Path(mistake["image"]).parent == photos / "night"


@pytest.mark.usefixtures("finished")
def test_the_predictions_that_were_stored_are_called_so(call: Call) -> None:
    said = call("evaluate", "sky")

    assert "the run's test split, by the predictions stored when it was read" in said.output


def test_mistakes_of_a_folder_that_has_changed_are_told_by_number(
    call: Call, finished: RunFolder, photos: Path
) -> None:
    assert finished.name == "sky"
    for index in range(40):
        (photos / "day" / f"{index}.png").write_bytes((photos / "day" / "a.png").read_bytes())

    (mistake,) = call("evaluate", "sky", "--json").json["evaluation"]["mistakes"]

    assert (mistake["index"], mistake["image"]) == (1, None)


def test_a_run_that_has_not_been_tested_is_told(call: Call, finished: RunFolder) -> None:
    finished.test_predictions.unlink()

    said = call("evaluate", "sky")

    assert said.code == 2
    assert "the run sky has not tested its winner yet; `cnnsearch resume sky`" in said.errors


def test_a_model_without_data_is_told_what_is_missing(call: Call, day_and_night: Path) -> None:
    said = call("evaluate", day_and_night)

    assert said.code == 2
    assert "say what to evaluate it on, by --data" in said.errors
