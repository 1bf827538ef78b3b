"""An export is proved equal to the model before the last one goes, or it is not there at all."""

from __future__ import annotations

import errno
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from cnnsearch.errors import CnnsearchError
from cnnsearch.exporting import export as export_module
from cnnsearch.exporting import proof
from cnnsearch.exporting.export import Evidence, Scored, export_model
from cnnsearch.exporting.formats import EXACT, FORMATS, FormatFile, are_scored
from cnnsearch.space.sections import ExportSection

CLASSES = ("T-shirt/top", "Ankle boot", "Übergröße")
BOTH = ("savedmodel", "keras")
ALWAYS = {"labels.txt", "model_card.md", "manifest.json"}


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (300, 6, 5, 1), dtype=np.uint8)


@pytest.fixture
def model(images: NDArray[np.uint8]) -> keras.Model:
    """Return a model that would give itself away if it were exported in training mode."""
    image = keras.Input((6, 5, 1), dtype="uint8", name="image")
    tensor = keras.layers.Rescaling(1 / 70, -1.5)(image)
    tensor = keras.layers.Conv2D(4, 3, kernel_initializer=keras.initializers.HeNormal(1))(tensor)
    tensor = keras.layers.BatchNormalization()(tensor)
    tensor = keras.layers.Dropout(0.5)(keras.layers.Flatten()(tensor))
    tensor = keras.layers.Dense(3, kernel_initializer=keras.initializers.HeNormal(2))(tensor)
    return keras.Model(image, keras.layers.Activation("softmax")(tensor))


@pytest.fixture
def proof_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prove in this process, which has TensorFlow already."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        sample, paths = command[-2:]
        output = json.dumps(proof.main(sample, json.loads(paths)))
        return subprocess.CompletedProcess(command, 0, output, "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(proof, "REPEATING_S", 0.0)


Write = Callable[..., None]


def export(model: keras.Model, target: Path, images: Any, formats: Any = ("keras",)) -> Any:
    """Export, and return the manifest."""
    labels = np.zeros(len(images), np.int64)
    scored = Scored(images, labels, split="test", correct=100) if are_scored(formats) else None
    evidence = Evidence(images, images, scored)
    facts = {"run": "night", "trial": 3, "is_winner": True}
    return export_model(
        model, target, formats=formats, classes=CLASSES, evidence=evidence, facts=facts
    )


def files(folder: Path) -> set[str]:
    """Return the names in a folder, hidden ones too."""
    return {path.name for path in folder.iterdir()}


def test_every_format_that_the_yaml_may_name_is_known() -> None:
    formats = ExportSection.model_fields["formats"].annotation
    assert set(FORMATS) == set(formats.__args__[0].__args__)  # type: ignore[union-attr]


def test_a_model_comes_back_equal_in_a_process_of_its_own(
    model: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    manifest = export(model, tmp_path / "export", images, BOTH)

    results = manifest["models"]
    assert [result["format"] for result in results] == ["savedmodel", "keras"]
    assert [result["path"] for result in results] == ["saved_model", "model.keras"]
    for result in results:
        assert result["largest_difference"] <= EXACT
        assert result["equal_labels"] == 1
        assert result["latency_ms"]["median"] > 0
    assert results[1]["size_bytes"] == (tmp_path / "export" / "model.keras").stat().st_size
    assert results[0]["size_bytes"] > 10_000
    assert files(tmp_path) == {"export"}
    assert files(tmp_path / "export") == {"saved_model", "model.keras", *ALWAYS}
    assert json.loads((tmp_path / "export" / "manifest.json").read_text()) == manifest


@pytest.mark.usefixtures("proof_here")
def test_what_serves_takes_images_of_bytes_and_any_number_of_them(
    model: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    export(model, tmp_path / "export", images, ("savedmodel",))

    serve = tf.saved_model.load(tmp_path / "export" / "saved_model").signatures["serving_default"]
    (specification,) = serve.structured_input_signature[1].values()
    assert (specification.name, specification.dtype) == ("image", tf.uint8)
    assert specification.shape.as_list() == [None, 6, 5, 1]
    assert set(serve.structured_outputs) == {"probabilities", "label"}
    for count in (1, 7):
        found = serve(image=tf.constant(images[:count]))
        expected = np.asarray(model(images[:count], training=False))
        np.testing.assert_allclose(found["probabilities"].numpy(), expected, atol=EXACT)
        labels = [label.decode() for label in found["label"].numpy()]
        assert labels == [CLASSES[best] for best in expected.argmax(-1)]


@pytest.mark.parametrize("shape", [(6, 5, 1), (1, 9, 9, 1), (1, 6, 5, 3)])
@pytest.mark.usefixtures("proof_here")
def test_what_serves_refuses_images_of_another_shape(
    shape: tuple[int, ...], model: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    export(model, tmp_path / "export", images, ("savedmodel",))
    serve = tf.saved_model.load(tmp_path / "export" / "saved_model").signatures["serving_default"]

    with pytest.raises(tf.errors.InvalidArgumentError, match="expected shape"):
        serve(image=tf.zeros(shape, tf.uint8))


@pytest.mark.usefixtures("proof_here")
def test_the_labels_are_one_a_line_in_the_order_of_the_outputs(
    model: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    export(model, tmp_path / "export", images)

    text = (tmp_path / "export" / "labels.txt").read_text(encoding="utf-8")
    assert text == "T-shirt/top\nAnkle boot\nÜbergröße\n"


@pytest.mark.usefixtures("proof_here")
def test_a_new_export_takes_the_place_of_the_old_one(
    model: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    old = tmp_path / "export" / "saved_model"
    old.mkdir(parents=True)
    left_by_a_kill = tmp_path / ".export.partial"
    left_by_a_kill.mkdir()
    (left_by_a_kill / "model.keras").write_text("half")

    export(model, tmp_path / "export", images)

    assert files(tmp_path) == {"export"}
    assert files(tmp_path / "export") == {"model.keras", *ALWAYS}


@pytest.fixture
def old_export(tmp_path: Path) -> Path:
    """An export of before, that must not be lost."""
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "model.keras").write_text("the old one")
    return tmp_path / "export"


def kept(old_export: Path) -> bool:
    """Return whether the old export is there, and nothing besides."""
    text = (old_export / "model.keras").read_text()
    return text == "the old one" and files(old_export.parent) == {"export"}


@pytest.mark.usefixtures("proof_here")
@pytest.mark.parametrize("name", BOTH)
def test_an_export_that_predicts_something_else_is_refused(
    model: keras.Model,
    images: NDArray[np.uint8],
    old_export: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    write: Write = export_module._write

    def tamper(model: keras.Model, *others: Any) -> None:
        weights = model.get_weights()
        model.set_weights([weight * 1.001 for weight in weights])
        write(model, *others)
        model.set_weights(weights)

    monkeypatch.setattr(export_module, "_write", tamper)

    told = "the exported (saved_model|model.keras) differs from the trained model"
    with pytest.raises(CnnsearchError, match=told):
        export(model, old_export, images, (name,))

    assert kept(old_export)


@pytest.mark.usefixtures("proof_here")
def test_a_prediction_that_is_no_number_is_not_equal(
    model: keras.Model,
    images: NDArray[np.uint8],
    old_export: Path,
) -> None:
    model.set_weights([weight * np.nan for weight in model.get_weights()])

    with pytest.raises(CnnsearchError, match=r"differs from the trained model by nan \(at most"):
        export(model, old_export, images)

    assert kept(old_export)


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        (
            1,
            "Traceback ...\nValueError: unknown layer\n\n",
            "ValueError: unknown layer (exit code 1)",
        ),
        (1, "", "exit code 1"),
        (-11, " \n", "its process was killed by signal 11"),
        (-9, "", "its process was killed by signal 9, mostly for want of memory"),
    ],
)
def test_a_model_that_cannot_be_loaded_again_is_refused_with_the_reason(
    model: keras.Model,
    images: NDArray[np.uint8],
    old_export: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    said: str,
    told: str,
) -> None:
    failed = subprocess.CompletedProcess([], code, "", said)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)

    with pytest.raises(CnnsearchError) as caught:
        export(model, old_export, images)

    reason, advice = str(caught.value).split("\n")
    assert reason == f"the exported model cannot be loaded again: {told}"
    assert "`cnnsearch --debug export RUN` tries again and shows all that was said" in advice
    assert kept(old_export)


def test_a_disk_that_fills_up_leaves_the_old_export(
    model: keras.Model,
    images: NDArray[np.uint8],
    old_export: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fill(model: keras.Model, path: Path, file: FormatFile, *_: Any) -> None:
        path.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(export_module, "_write", fill)

    with pytest.raises(OSError, match="No space left"):
        export(model, old_export, images)

    assert kept(old_export)


def test_a_few_images_are_enough_for_the_proof(
    model: keras.Model,
    images: NDArray[np.uint8],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts: list[int] = []

    def count(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        with np.load(command[-2]) as sample:
            counts.append(len(sample["images"]))
        output = '{"model.keras": {"largest_difference": 0.0, "equal_labels": 1.0}}'
        return subprocess.CompletedProcess(command, 0, f"chatter\n{output}\n", "")

    monkeypatch.setattr(subprocess, "run", count)

    export(model, tmp_path / "export", images)

    assert counts == [export_module.PROOF_IMAGES]
