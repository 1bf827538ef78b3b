from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnsearch.data import pipelines
from cnnsearch.data.pipelines import evaluation_batches, parallel_calls, training_batches

COUNT = 23
X = np.random.default_rng(1).integers(0, 256, (COUNT, 6, 4, 3), dtype=np.uint8)
Y = np.arange(COUNT)


@dataclass(frozen=True)
class Varied:
    flip: str = "none"
    crop: float = 0.0


PLAIN, ALL = Varied(), Varied("both", 0.5)


def _take(count: int, **options: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    usual = {"batch_size": 5, "seed": 1, "augmentation": ALL}
    batches = training_batches(X, Y, **{**usual, **options})
    return list(batches.take(count).as_numpy_iterator())


def _equal(one: list[Any], two: list[Any]) -> bool:
    return len(one) == len(two) and all(
        np.array_equal(a, b)
        for pair in zip(one, two, strict=True)
        for a, b in zip(*pair, strict=True)
    )


def test_each_epoch_has_every_example_once_with_its_label() -> None:
    batches = _take(23, augmentation=PLAIN)

    labels = np.concatenate([y for _, y in batches])
    images = np.concatenate([x for x, _ in batches])
    for epoch in labels.reshape(5, COUNT):
        assert sorted(epoch) == list(range(COUNT))
    assert np.array_equal(images, X[labels])


def test_epochs_differ_in_their_order() -> None:
    labels = np.concatenate([y for _, y in _take(23)]).reshape(5, COUNT)

    assert len({tuple(epoch) for epoch in labels}) == 5


@pytest.mark.parametrize("augmentation", [PLAIN, ALL])
def test_the_seed_decides_the_batches(augmentation: Varied) -> None:
    one, same, other = (_take(9, seed=s, augmentation=augmentation) for s in (1, 1, 2))

    assert _equal(one, same)
    assert not _equal(one, other)


def test_batches_made_side_by_side_are_the_very_same(monkeypatch: pytest.MonkeyPatch) -> None:
    one_by_one = _take(30)
    monkeypatch.setattr(pipelines, "parallel_calls", lambda threads: 4)

    assert _equal(_take(30), one_by_one)


@pytest.mark.parametrize(("threads", "calls"), [(0, 1), (1, 1), (2, 1), (8, 2), (16, 4), (96, 4)])
def test_the_network_keeps_the_cores_unless_there_are_many(threads: int, calls: int) -> None:
    assert parallel_calls(threads) == calls


@pytest.mark.parametrize("skip", [1, 4, 5, 17])
@pytest.mark.parametrize("augmentation", [PLAIN, ALL])
def test_skipped_steps_are_followed_by_the_very_same_batches(
    skip: int, augmentation: Varied
) -> None:
    from_the_start = _take(skip + 6, augmentation=augmentation)

    assert _equal(_take(6, augmentation=augmentation, skip_steps=skip), from_the_start[skip:])


def test_a_pipeline_begun_again_gives_the_same_batches() -> None:
    batches = training_batches(X, Y, batch_size=5, seed=1, augmentation=ALL).take(7)

    assert _equal(list(batches.as_numpy_iterator()), list(batches.as_numpy_iterator()))


def test_batches_are_whole_where_examples_are_fewer() -> None:
    (images, labels), _ = _take(2, batch_size=50)

    assert images.shape == (50, 6, 4, 3)
    assert sorted(labels[:COUNT]) == list(range(COUNT))


def test_flips_are_left_and_right_only_if_so_wanted() -> None:
    for flip, allowed in (
        ("horizontal", [X, X[:, :, ::-1]]),
        ("vertical", [X, X[:, ::-1]]),
        ("both", [X, X[:, :, ::-1], X[:, ::-1], X[:, ::-1, ::-1]]),
    ):
        batches = _take(30, augmentation=Varied(flip))

        kinds = [
            next(kind for kind, images in enumerate(allowed) if np.array_equal(image, images[y]))
            for x, labels in batches
            for image, y in zip(x, labels, strict=True)
        ]
        shares = np.bincount(kinds, minlength=len(allowed)) / len(kinds)
        assert (abs(shares - 1 / len(allowed)) < 0.2 / len(allowed) ** 0.5).all(), flip


def _shifted(image: np.ndarray, down: int, right: int) -> np.ndarray:
    rows = np.clip(np.arange(image.shape[0]) + down, 0, image.shape[0] - 1)
    columns = np.clip(np.arange(image.shape[1]) + right, 0, image.shape[1] - 1)
    return image[rows][:, columns]


def test_a_crop_shifts_by_at_most_its_share_of_the_side_and_repeats_the_edge() -> None:
    found = set()
    for x, labels in _take(40, augmentation=Varied(crop=0.34)):
        for image, y in zip(x, labels, strict=True):
            found |= {
                (down, right)
                for down in range(-2, 3)
                for right in range(-1, 2)
                if np.array_equal(image, _shifted(X[y], down, right))
            }
            assert found

    assert found == {(down, right) for down in range(-2, 3) for right in range(-1, 2)}


def test_evaluation_has_all_examples_once_in_order() -> None:
    batches = list(evaluation_batches(X, Y, batch_size=5).as_numpy_iterator())

    assert [len(y) for _, y in batches] == [5, 5, 5, 5, 3]
    assert np.array_equal(np.concatenate([x for x, _ in batches]), X)
    assert np.array_equal(np.concatenate([y for _, y in batches]), Y)


def test_images_on_the_disk_give_the_same_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines, "MAPPED_LIMIT_BYTES", 0)
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")

    batches = training_batches(mapped, Y, batch_size=5, seed=1, augmentation=ALL).take(6)

    assert batches.element_spec[0].shape == (5, 6, 4, 3)
    assert _equal(list(batches.as_numpy_iterator()), _take(6))
    evaluated = evaluation_batches(mapped, Y, batch_size=5).as_numpy_iterator()
    assert np.array_equal(np.concatenate([x for x, _ in evaluated]), X)


def test_batches_have_known_shapes_and_never_end() -> None:
    batches = training_batches(X, Y, batch_size=5, seed=1, augmentation=ALL)

    assert batches.element_spec[0].shape == (5, 6, 4, 3)
    assert batches.cardinality() == -1  # tf.data.INFINITE_CARDINALITY


def test_no_thread_tunes_what_has_nothing_to_tune() -> None:
    """Giving up an iterator waits for that thread, for many seconds."""
    training = training_batches(X, Y, batch_size=5, seed=1, augmentation=PLAIN)

    for batches in (training, evaluation_batches(X, Y, batch_size=5)):
        assert batches.options().autotune.enabled is False
