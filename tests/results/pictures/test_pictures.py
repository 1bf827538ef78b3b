"""Pictures are made once, kept, and made again only for other predictions."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnsearch.data import Dataset, open_dataset
from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts
from cnnsearch.records.test_split import TestPredictions, write_test_predictions
from cnnsearch.results.evaluation import evaluate
from cnnsearch.results.pictures import making, pictures_of
from cnnsearch.results.pictures.gradcam import grad_cam
from cnnsearch.space import load_space

WRONG = (5, 8, 11)  # test images that are taken for another class


@pytest.fixture
def tested(write_tiny_space: Callable[[Path], Path], tmp_path: Path) -> RunFolder:
    """A run on the tiny dataset with predictions, most of them right, and no export."""
    space = load_space(write_tiny_space(tmp_path))
    space = replace(
        space, document={**space.document, "data": {"source": str(tmp_path / "tiny.npz")}}
    )
    folder = create_run_folder(tmp_path / "runs", "night", "tiny")
    write_run_facts(folder, space.to_yaml(), {})
    dataset = _dataset(folder)
    probabilities = 0.7 * np.eye(3, dtype=np.float32)[dataset.y_test] + 0.1
    for index in WRONG:
        probabilities[index] = np.roll(probabilities[index], 1)
    probabilities[WRONG[1]] = np.clip(probabilities[WRONG[1]] * 1.1, 0, 1)  # the surest mistake
    write_test_predictions(folder, TestPredictions(probabilities, dataset.y_test))
    return folder


def _dataset(folder: RunFolder) -> Dataset:
    return open_dataset(load_space(folder.space_file).data.source)


def _evaluation(folder: RunFolder) -> dict[str, Any]:
    with np.load(folder.test_predictions) as arrays:
        names = ("top", "middle", "bottom")
        return evaluate(arrays["probabilities"], arrays["labels"], names).to_json()


def test_the_most_confident_mistakes_are_shown_as_they_are(tested: RunFolder) -> None:
    found = pictures_of(tested, _evaluation(tested))

    assert [mistake["index"] for mistake in found["mistakes"]] == [8, 5, 11]
    picture = Image.open(io.BytesIO(found["mistakes"][0]["image"]["content"]))
    assert np.array_equal(np.asarray(picture), _dataset(tested).x_test[8][..., 0])


def test_without_an_exported_network_there_is_no_attention_and_a_reason(tested: RunFolder) -> None:
    found = pictures_of(tested, _evaluation(tested))

    assert found["attention"] == []
    assert "model.keras" in found["missing"]["attention"]


def test_pictures_are_made_once(tested: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pictures_of(tested, _evaluation(tested))
    monkeypatch.setattr(making, "_open", None)

    assert pictures_of(tested, _evaluation(tested)) == first


@pytest.mark.parametrize("damage", ["other version", "no picture", "cut", "elsewhere"])
def test_damaged_pictures_are_made_again(tested: RunFolder, damage: str) -> None:
    first = pictures_of(tested, _evaluation(tested))
    file = tested.path / "pictures" / "pictures.json"
    text = file.read_text(encoding="utf-8")
    if damage == "no picture":
        (tested.path / "pictures" / "mistake-00.png").unlink()
    else:
        changes = {
            "other version": text.replace('"version": 1', '"version": 2'),
            "cut": text[:20],
            "elsewhere": text.replace("mistake-00.png", "../../../tiny.npz"),
        }
        file.write_text(changes[damage], encoding="utf-8")

    assert pictures_of(tested, _evaluation(tested)) == first


def test_other_predictions_have_other_pictures(tested: RunFolder) -> None:
    pictures_of(tested, _evaluation(tested))
    dataset = _dataset(tested)
    right = np.eye(3, dtype=np.float32)[dataset.y_test]
    write_test_predictions(tested, TestPredictions(right, dataset.y_test))

    assert pictures_of(tested, _evaluation(tested))["mistakes"] == []


def test_a_dataset_that_has_changed_gives_no_pictures_but_a_reason(tested: RunFolder) -> None:
    evaluation = _evaluation(tested)
    path = Path(load_space(tested.space_file).data.source)
    with np.load(path) as arrays:
        changed = {name: arrays[name][::-1] for name in arrays}
    np.savez(path, **changed)

    found = pictures_of(tested, evaluation)

    assert found["mistakes"] == []
    assert "not what it was" in found["missing"]["pictures"]
    assert not (tested.path / "pictures").exists()


def test_a_run_that_is_not_tested_has_no_pictures(tested: RunFolder) -> None:
    assert pictures_of(tested, None) == {"mistakes": [], "attention": [], "missing": {}}


def test_a_large_photo_is_made_small() -> None:
    photo = np.random.default_rng(0).integers(0, 255, (400, 600, 3), dtype=np.uint8)

    file = making._file("photo", photo)

    picture = Image.open(io.BytesIO(file["content"]))
    assert (file["name"], picture.size) == ("photo.jpg", (160, 107))


def test_what_is_kept_is_json_with_the_names_of_files(tested: RunFolder) -> None:
    pictures_of(tested, _evaluation(tested))

    kept = json.loads((tested.path / "pictures" / "pictures.json").read_text(encoding="utf-8"))
    assert kept["version"] == 1
    assert kept["mistakes"][0]["image"] == "mistake-00.png"
    assert kept["mistakes"][0]["label"] == "bottom"


@pytest.fixture(scope="module")
def left_or_right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that tells by brightness: class 0 by the left half of an image, 1 by the right."""
    import keras

    image = keras.Input((8, 8, 1), dtype="uint8")
    scaled = keras.layers.Rescaling(1 / 255)(image)
    maps = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer="ones")(scaled)
    flat = keras.layers.Flatten()(maps)
    dense = keras.layers.Dense(2, use_bias=False)
    probabilities = keras.layers.Activation("softmax")(dense(flat))
    left = np.tile(np.arange(8) < 4, 8).astype(np.float32)
    dense.set_weights([np.stack([left, 1 - left], axis=1)])
    path = tmp_path_factory.mktemp("model") / "model.keras"
    keras.Model(image, probabilities).save(path)
    return path


def test_grad_cam_is_high_where_the_class_was_seen(left_or_right: Path) -> None:
    """One channel of mean slope 1/2 for either class: the map itself, scaled to 1."""
    image = np.zeros((1, 8, 8, 1), np.uint8)
    image[0, 2:4, 1:3] = 200
    image[0, 5, 6] = 100

    heat = grad_cam(left_or_right, image, np.array([0]))

    assert heat.shape == (1, 8, 8)
    np.testing.assert_allclose(heat[0], image[0, ..., 0] / 200, atol=1e-6)


def test_an_image_of_nothing_has_no_heat(left_or_right: Path) -> None:
    heat = grad_cam(left_or_right, np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1]))

    assert not heat.any()


def test_a_network_without_a_map_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"needs model\.keras"):
        grad_cam(tmp_path / "model.keras", np.zeros((1, 8, 8, 1), np.uint8), np.array([0]))
