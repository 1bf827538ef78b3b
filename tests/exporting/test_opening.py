"""An exported model is found by any of its names, and one that is none of ours is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from cnnsearch.errors import ModelError, RunError, RunInProgressError
from cnnsearch.exporting.finding import find_model
from cnnsearch.exporting.formats import FORMATS
from cnnsearch.exporting.lite import write_lite
from cnnsearch.exporting.onnx_file import write_onnx
from cnnsearch.exporting.opening import OPENERS, Interface, open_model
from cnnsearch.exporting.saved_model import write_saved_model
from cnnsearch.records.folder import RunFolder, write_run_facts


def network(dtype: str = "uint8", shape: tuple[int | None, ...] = (4, 5, 3)) -> keras.Model:
    image = keras.Input(shape, dtype=dtype, name="image")
    tensor = keras.layers.Rescaling(1 / 255)(image)
    tensor = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(6, 3)(tensor))
    return keras.Model(image, keras.layers.Dense(2, activation="softmax")(tensor))


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (9, 4, 5, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return network()


@pytest.fixture(scope="module")
def exported(model: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with one that has exported its model."""
    runs = tmp_path_factory.mktemp("runs")
    folder = RunFolder(runs / "night")
    folder.export.mkdir(parents=True)
    write_run_facts(folder, "name: small\n", {})
    model.save(folder.export / "model.keras")
    write_saved_model(model, folder.export / "saved_model", ("a dog", "Übergröße"))
    (folder.export / "labels.txt").write_text("a dog\nÜbergröße\n", encoding="utf-8")
    return runs


@pytest.fixture
def runs(exported: Path, tmp_path: Path) -> Path:
    """Return a copy to spoil."""
    return Path(shutil.copytree(exported, tmp_path / "runs"))


@pytest.mark.parametrize(
    ("place", "file"),
    [
        ("night/export", "saved_model"),
        ("night/export/saved_model", "saved_model"),
        ("night/export/model.keras", "model.keras"),
        ("night", "saved_model"),
    ],
)
def test_a_model_is_found_by_the_path_of_its_run_folder_or_file(
    place: str, file: str, exported: Path
) -> None:
    found = find_model(str(exported / place), Path("elsewhere"))

    assert found.path == exported / "night" / "export" / file
    assert found.labels == ("a dog", "Übergröße")


def test_a_model_is_found_by_the_name_of_its_run(exported: Path) -> None:
    found = find_model("night", exported)

    assert found.run is not None
    assert (found.run.name, found.format) == ("night", "savedmodel")


def test_without_a_saved_model_another_format_is_taken(runs: Path) -> None:
    shutil.rmtree(runs / "night/export/saved_model")

    assert find_model("night", runs).format == "keras"


@pytest.mark.parametrize("name", ["saved_model", "model.keras"])
def test_an_open_model_predicts_as_the_one_that_was_exported(
    name: str,
    exported: Path,
    model: keras.Model,
    images: NDArray[np.uint8],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cnnsearch.exporting.opening.BATCH_IMAGES", 4)  # the last one is smaller

    found = open_model(find_model(str(exported / "night/export" / name), Path("runs")))

    assert (found.shape, found.labels) == ((4, 5, 3), ("a dog", "Übergröße"))
    probabilities = found.predict(images)
    assert probabilities.dtype.str == "<f4"
    np.testing.assert_allclose(probabilities, model(images, training=False), atol=1e-6)
    assert found.predict(images[:0]).shape == (0, 2)


@pytest.mark.parametrize(("debug", "heard"), [("0", "after"), ("1", "before, at onceafter")])
def test_what_native_code_says_while_it_loads_and_first_predicts_is_for_debugging_only(
    debug: str,
    heard: str,
    exported: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def loud(path: Path) -> Interface:
        def predict(images: NDArray[np.uint8]) -> NDArray[np.float32]:
            os.write(2, b"at once")
            return np.zeros((len(images), 2), np.float32)

        os.write(2, b"before, ")
        return Interface((None, 4, 5, 3), "uint8", (None, 2), predict)

    monkeypatch.setenv("CNNSEARCH_DEBUG", debug)
    monkeypatch.setattr("cnnsearch.exporting.opening.OPENERS", {"savedmodel": loud})

    open_model(find_model("night", exported))
    os.write(2, b"after")

    assert capfd.readouterr().err == heard


@pytest.mark.parametrize("name", ["saved_model/saved_model.pb", "model.keras"])
def test_a_damaged_model_is_told(name: str, runs: Path) -> None:
    file = runs / "night/export" / name
    file.write_bytes(file.read_bytes()[:100])
    path = file if file.suffix == ".keras" else file.parent

    with pytest.raises(ModelError, match="cannot be loaded"):
        open_model(find_model(str(path), runs))


def test_a_cut_keras_file_is_not_told_as_missing(runs: Path) -> None:
    file = runs / "night/export/model.keras"
    file.write_bytes(file.read_bytes()[:100])

    with pytest.raises(ModelError, match=r"the file is damaged: its end is missing.*\nput it back"):
        open_model(find_model(str(file), runs))


def test_a_model_without_labels_is_told(runs: Path) -> None:
    (runs / "night/export/labels.txt").unlink()

    with pytest.raises(ModelError, match=r"has no labels.txt beside it; expected the names"):
        find_model("night", runs)


def test_a_model_with_other_outputs_than_labels_is_told(runs: Path) -> None:
    (runs / "night/export/labels.txt").write_text("a\nb\nc\n", encoding="utf-8")

    with pytest.raises(ModelError, match=r"gives \(any, 2\) and labels.txt beside it has 3 names"):
        open_model(find_model("night", runs))


@pytest.mark.parametrize(
    ("dtype", "shape", "words"),
    [
        ("float32", (4, 5, 3), r"takes float32 of shape \(any, 4, 5, 3\); expected uint8 images"),
        ("uint8", (None, None, 3), r"takes uint8 of shape \(any, any, any, 3\); expected uint8"),
        ("uint8", (4, 4, 4), r"takes uint8 of shape \(any, 4, 4, 4\); expected uint8 images"),
    ],
)
def test_a_model_from_elsewhere_is_told(
    dtype: str, shape: tuple[int | None, ...], words: str, tmp_path: Path
) -> None:
    network(dtype, shape).save(tmp_path / "model.keras")
    (tmp_path / "labels.txt").write_text("a\nb\n", encoding="utf-8")

    with pytest.raises(ModelError, match=words):
        open_model(find_model(str(tmp_path / "model.keras"), tmp_path))


def test_a_saved_model_that_serves_nothing_is_told(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), tmp_path / "1")
    (tmp_path / "labels.txt").write_text("a\nb\n", encoding="utf-8")

    with pytest.raises(ModelError, match="has no signature serving_default"):
        open_model(find_model(str(tmp_path / "1"), tmp_path))


def spoil(folder: RunFolder, how: str) -> None:
    """Leave a run as one that has no model, for a reason."""
    if how != "damaged":
        shutil.rmtree(folder.export)
    if how == "damaged":
        folder.run_file.write_text("{", encoding="utf-8")
    elif how == "of another version":
        folder.run_file.write_text('{"version": 1}', encoding="utf-8")
    elif how == "without export":
        facts = {"winner": {"trial": 0}, "tested": {"correct": 1, "count": 1}}
        record = {"study_id": 0, "user_attr": facts}
        folder.journal.write_text(json.dumps(record), encoding="utf-8")
        folder.summary.write_text("{}", encoding="utf-8")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("unfinished", "is unfinished and has exported no model: `cnnsearch resume .*night`"),
        ("damaged", r"run.json is damaged"),
        ("of another version", "has format version 1; this program reads"),
        ("without export", "holds no model: the run's export was removed"),
    ],
)
def test_a_run_without_a_model_tells_why(how: str, words: str, runs: Path) -> None:
    spoil(RunFolder(runs / "night"), how)

    with pytest.raises(RunError, match=words):
        find_model("night", runs)


def test_a_run_in_progress_has_no_model_yet(runs: Path) -> None:
    shutil.rmtree(runs / "night/export")

    in_progress = pytest.raises(RunInProgressError, match="has exported no model yet")
    with RunFolder(runs / "night").lock(), in_progress:
        find_model("night", runs)


def test_an_unknown_name_is_answered_with_the_closest_and_what_is_expected(runs: Path) -> None:
    with pytest.raises(RunError, match=r"(?s)did you mean `night`.*expected a run, the export"):
        find_model("nihgt", runs)


def test_a_folder_that_lost_its_run_json_points_to_its_export(runs: Path) -> None:
    (runs / "night/run.json").unlink()

    with pytest.raises(RunError, match=r"it has no run\.json; its model is .*export"):
        find_model(str(runs / "night"), runs)


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()

    with pytest.raises(ModelError, match=r"notes.txt is no model; expected a run, .* \.keras"):
        find_model(str(tmp_path / "notes.txt"), tmp_path)


def test_every_format_that_is_written_can_be_opened() -> None:
    assert set(FORMATS) == OPENERS.keys()


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_a_tflite_file_predicts_too(
    precision: str, model: keras.Model, images: NDArray[np.uint8], runs: Path
) -> None:
    file = runs / "night" / "export" / "model.tflite"
    write_lite(model, file, precision, images)

    opened = open_model(find_model(str(file), runs))

    assert opened.shape == (4, 5, 3)
    np.testing.assert_allclose(opened.predict(images), model(images, training=False), atol=0.02)


PREDICT = """
import sys
from pathlib import Path
import numpy as np
from cnnsearch.exporting.finding import find_model
from cnnsearch.exporting.opening import open_model
print(open_model(find_model(sys.argv[1], Path())).predict(np.zeros((2, 4, 5, 3), "uint8")).shape)
"""


def test_what_tflite_says_of_itself_does_not_reach_the_user(
    model: keras.Model, images: NDArray[np.uint8], runs: Path
) -> None:
    file = runs / "night" / "export" / "model.tflite"
    write_lite(model, file, "float32", images)

    command = [sys.executable, "-c", PREDICT, str(file)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)

    assert (told.stdout, told.stderr) == ("(2, 2)\n", "")


def test_an_onnx_file_predicts_too(
    model: keras.Model, images: NDArray[np.uint8], runs: Path
) -> None:
    pytest.importorskip("onnxruntime")
    file = runs / "night" / "export" / "model.onnx"
    write_onnx(model, file, ("a dog", "Übergröße"))

    opened = open_model(find_model(str(file), runs))

    assert opened.shape == (4, 5, 3)
    np.testing.assert_allclose(opened.predict(images), model(images, training=False), atol=1e-4)
