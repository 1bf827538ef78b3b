"""Arrays in an `.npz` become a dataset, or a message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnsearch.data import Dataset, open_dataset
from cnnsearch.errors import DataError

RANDOM = np.random.default_rng(1)


def _pixels(count: int, *shape: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (count, *(shape or (4, 4))), dtype=np.uint8)


def _four(**changes: Any) -> dict[str, Any]:
    labels = np.arange(20) % 2
    usual = {"x_train": _pixels(20), "y_train": labels, "x_test": _pixels(4), "y_test": labels[:4]}
    arrays = {**usual, **changes}
    return {key: value for key, value in arrays.items() if value is not None}


def _open(folder: Path, arrays: dict[str, Any], **options: Any) -> Dataset:
    np.savez_compressed(folder / "mine.npz", **arrays)
    return open_dataset(str(folder / "mine.npz"), **options)


def test_the_test_split_is_taken_as_it_is(tmp_path: Path) -> None:
    arrays = _four()

    dataset = _open(tmp_path, arrays)

    assert np.array_equal(dataset.x_test[..., 0], arrays["x_test"])
    assert np.array_equal(dataset.y_test, arrays["y_test"])


def test_validation_is_drawn_from_train_and_nothing_is_lost(tmp_path: Path) -> None:
    arrays = _four()

    dataset = _open(tmp_path, arrays, validation=0.2)

    images = [*dataset.x_train, *dataset.x_validation]
    assert len(dataset.x_validation) == 4
    assert sorted(i.tobytes() for i in images) == sorted(i.tobytes() for i in arrays["x_train"])


def test_a_validation_split_of_the_source_is_used(tmp_path: Path) -> None:
    arrays = _four(x_validation=_pixels(6), y_validation=np.arange(6) % 2)

    dataset = _open(tmp_path, arrays, validation=0.5)

    assert np.array_equal(dataset.x_validation[..., 0], arrays["x_validation"])
    assert len(dataset.x_train) == 20


def test_x_and_y_are_split_in_three_and_the_test_split_is_the_same_for_all_seeds(
    tmp_path: Path,
) -> None:
    arrays = {"x": _pixels(100), "y": np.arange(100) % 4}

    one, two = _open(tmp_path, arrays, seed=1), _open(tmp_path, arrays, seed=2)

    assert [len(labels) for _, labels in one.splits().values()] == [72, 8, 20]
    assert np.array_equal(one.x_test, two.x_test)
    assert not np.array_equal(one.x_validation, two.x_validation)


def test_the_fingerprint_is_of_the_content_not_of_the_split(tmp_path: Path) -> None:
    arrays = {"x": _pixels(40), "y": np.arange(40) % 2}

    same = _open(tmp_path, arrays, seed=1), _open(tmp_path, arrays, seed=2, validation=0.3)
    other = _open(tmp_path, {**arrays, "y": 1 - arrays["y"]})

    assert same[0].fingerprint == same[1].fingerprint != other.fingerprint


@pytest.mark.parametrize(
    "pixels",
    [
        _pixels(20, 4, 4, 1),
        _pixels(20, 4, 4, 3),
        _pixels(20).astype(np.int64),
        _pixels(20).astype(np.float32),
    ],
    ids=["grey", "RGB", "int64", "float of whole numbers"],
)
def test_pixel_values_keep_their_value(tmp_path: Path, pixels: np.ndarray) -> None:
    dataset = _open(tmp_path, {"x": pixels, "y": np.arange(20) % 2})

    assert dataset.x_train.dtype == np.uint8
    assert dataset.shape == (4, 4, pixels.shape[3] if pixels.ndim == 4 else 1)
    images = [*dataset.x_train, *dataset.x_validation, *dataset.x_test]
    expected = [image.astype(np.uint8).tobytes() for image in pixels]
    assert sorted(image.tobytes() for image in images) == sorted(expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_brightness_from_0_to_1_becomes_the_nearest_of_256_levels(
    tmp_path: Path, dtype: type
) -> None:
    pixels = _pixels(20)
    pixels[0, 0] = [0, 1, 254, 255]

    arrays = _four(x_test=(pixels[:4] / 255).astype(dtype))
    dataset = _open(tmp_path, arrays)

    assert np.array_equal(dataset.x_test[..., 0], pixels[:4])


@pytest.mark.parametrize(
    "labels",
    [np.arange(20)[:, None] % 2, np.eye(2)[np.arange(20) % 2], (np.arange(20) % 2).astype("f4")],
    ids=["column", "one-hot", "real"],
)
def test_labels_in_other_forms_are_class_numbers(tmp_path: Path, labels: np.ndarray) -> None:
    dataset = _open(tmp_path, _four(y_train=labels))

    assert dataset.y_train.dtype == np.int64
    assert np.bincount(dataset.y_train).tolist() == [9, 9]


def test_classes_have_the_names_given(tmp_path: Path) -> None:
    assert _open(tmp_path, _four(classes=np.array(["cat", "dog"]))).classes == ("cat", "dog")
    assert _open(tmp_path, _four()).classes == ("0", "1")


def test_an_image_size_is_cut_from_the_middle(tmp_path: Path) -> None:
    pixels = np.zeros((20, 4, 12), dtype=np.uint8)
    pixels[:, :, 4:8] = 200

    dataset = _open(tmp_path, {"x": pixels, "y": np.arange(20) % 2}, image_size=4)

    assert dataset.shape == (4, 4, 1)
    assert (dataset.x_train == 200).all()


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no labels": (_four(y_train=None), "holds x_test, x_train, y_test; expected x_train"),
    "no test": (_four(x_test=None, y_test=None), "without a test split calls its arrays x and y"),
    "half validation": (_four(x_validation=_pixels(4)), "x_validation alone"),
    "lengths": (_four(y_train=np.arange(19) % 2), "x_train has 20 images and y_train 19 labels"),
    "empty": (_four(x_test=_pixels(0), y_test=np.zeros(0)), "x_test: holds no images"),
    "flat": (_four(x_train=_pixels(20, 16)), r"shape \(20, 16\)"),
    "alpha": (_four(x_train=_pixels(20, 4, 4, 4)), "4 channels .* drop the alpha channel"),
    "channels first": (_four(x_train=_pixels(20, 3, 9, 9)), "in another place"),
    "no pixels": (_four(x_train=_pixels(20, 0, 4)), "shape"),
    "shapes": (_four(x_test=_pixels(4, 5, 5)), "different shapes"),
    "complex": (_four(x_train=_pixels(20) * 1j), "holds complex128"),
    "NaN": (_four(x_train=np.full((20, 4, 4), np.nan)), "NaN or infinite"),
    "infinite": (_four(x_train=np.full((20, 4, 4), np.inf)), "NaN or infinite"),
    "normalised": (_four(x_train=_pixels(20) / 127.5 - 1), "not normalised"),
    "beyond": (_four(x_train=_pixels(20).astype("u2") * 256), "values from"),
    "not levels": (_four(x_train=RANDOM.random((20, 4, 4))), "not 256 levels"),
    "named labels": (_four(y_train=np.array(["cat", "dog"] * 10)), "names in `classes`"),
    "negative": (_four(y_train=np.arange(20) % 2 - 1), "holds -1"),
    "fraction": (_four(y_train=np.arange(20) / 2), "holds 0.5"),
    "NaN label": (_four(y_train=np.full(20, np.nan)), "NaN"),
    "not one-hot": (_four(y_train=np.ones((20, 2))), "not one-hot"),
    "dimensions": (_four(y_train=np.zeros((20, 2, 2))), "expected .examples,. or one-hot"),
    "gap": (_four(y_train=np.arange(20) % 2 * 2), "no image of class 1; .*without gaps"),
    "huge label": (_four(y_train=np.arange(20) * 10**9), "without gaps"),
    "one class": (_four(y_train=np.zeros(20), y_test=np.zeros(4)), "one class only"),
    "unknown test label": (_four(y_test=np.arange(4)), "y_test has label 2, but there are 2"),
    "too few": ({"x": _pixels(20), "y": np.arange(20) // 18}, "class 1 has 2 images in y; .* 3"),
    "class names": (_four(classes=np.array(["cat"])), "label 1, but there are 1"),
    "same names": (_four(classes=np.array(["cat", "cat"])), "different names"),
    "objects": (_four(y_train=np.array([None] * 20)), "Python objects .a pickle."),
}


@pytest.mark.parametrize(("arrays", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_with_the_file_and_the_reason(
    tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message) as raised:
        _open(tmp_path, arrays)

    assert str(raised.value).startswith(str(tmp_path / "mine.npz"))
