from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from cnnsearch.data import make_mini, read_card
from cnnsearch.data.make_mini import choose, pack

LABELS = np.arange(60) % 3
ARRAYS = {
    "x_train": np.arange(60, dtype=np.uint8).reshape(60, 1, 1),
    "y_train": LABELS.astype(np.uint8),
    "x_test": np.arange(60, dtype=np.uint8).reshape(60, 1, 1),
    "y_test": LABELS.astype(np.uint8),
}


def test_each_class_has_as_many_images_in_the_original_order() -> None:
    chosen = choose(ARRAYS, {"train": 5, "test": 2}, seed=1)

    assert np.bincount(chosen["y_train"]).tolist() == [5, 5, 5]
    assert np.bincount(chosen["y_test"]).tolist() == [2, 2, 2]
    assert (np.diff(chosen["x_train"][:, 0, 0]) > 0).all()


def test_images_keep_their_labels() -> None:
    chosen = choose(ARRAYS, {"train": 5}, seed=1)

    assert (LABELS[chosen["x_train"][:, 0, 0]] == chosen["y_train"]).all()


def test_the_seed_decides_which() -> None:
    one, same, other = (choose(ARRAYS, {"train": 5}, seed)["x_train"] for seed in (1, 1, 2))

    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_file_is_the_same_byte_for_byte_and_loads_without_pickle() -> None:
    content = pack(ARRAYS)

    assert content == pack(ARRAYS)
    with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
        assert {key: loaded[key].tolist() for key in loaded} == {
            key: array.tolist() for key, array in ARRAYS.items()
        }


@pytest.mark.skipif(
    not make_mini.found_here(), reason="needs the full Fashion-MNIST, which is not on this machine"
)
def test_the_shipped_file_holds_what_the_command_would_choose() -> None:
    card = read_card("fashion-mnist-mini")

    made = make_mini.make()

    with np.load(Path(card.folder) / card.file, allow_pickle=False) as shipped:
        assert all(np.array_equal(shipped[key], made[key]) for key in made)
