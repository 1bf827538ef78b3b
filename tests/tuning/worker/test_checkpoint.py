"""A checkpoint is the whole state of a training, or is refused."""

from __future__ import annotations

import weakref
from pathlib import Path

import keras
import numpy as np
import pytest

from cnnsearch.tuning.worker.checkpoint import load_checkpoint, save_checkpoint, saved_step


def model(units: int = 3, rate: float = 0.5) -> keras.Model:
    """Return a small model with every kind of state, ready to train."""
    layers = [
        keras.Input((4,)),
        keras.layers.Dense(units),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(rate, seed=units),
        keras.layers.Dense(2),
    ]
    made = keras.Sequential(layers)
    made.compile(keras.optimizers.AdamW(1e-2), "mse")
    made.optimizer.build(made.trainable_variables)
    return made


def variables(of: keras.Model) -> list[keras.Variable]:
    return [*of.variables, *of.optimizer.variables]


def state(of: keras.Model) -> list[np.ndarray]:
    return [variable.numpy() for variable in variables(of)]


def disturb(of: keras.Model) -> None:
    """Give every variable another value than it had."""
    for variable in variables(of):
        variable.assign(variable.numpy() + np.ones_like(variable.numpy()))


def test_all_state_comes_back(tmp_path: Path) -> None:
    trained, other = model(), model()
    disturb(trained)
    names = {variable.path for variable in variables(trained)}

    save_checkpoint(tmp_path / "trials" / "0007" / "latest.npz", variables(trained), step=123)
    step = load_checkpoint(tmp_path / "trials" / "0007" / "latest.npz", variables(other))

    assert step == 123
    for found, expected in zip(state(other), state(trained), strict=True):
        np.testing.assert_array_equal(found, expected)
    for kind in ("kernel", "moving_variance", "seed_generator_state", "iteration", "velocity"):
        assert any(kind in name for name in names), kind


def test_saving_replaces_the_last_checkpoint(tmp_path: Path) -> None:
    trained = model()
    save_checkpoint(tmp_path / "latest.npz", variables(trained), step=1)
    disturb(trained)
    save_checkpoint(tmp_path / "latest.npz", variables(trained), step=2)

    other = model()
    assert load_checkpoint(tmp_path / "latest.npz", variables(other)) == 2
    np.testing.assert_array_equal(state(other)[0], state(trained)[0])
    assert len(list(tmp_path.iterdir())) == 1


def test_the_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "latest.npz", variables(model(units=3)), step=1)

    with pytest.raises(ValueError, match="shape"):
        load_checkpoint(tmp_path / "latest.npz", variables(model(units=5)))


def test_the_checkpoint_of_a_deeper_model_is_refused_with_the_numbers(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "latest.npz", variables(model()), step=1)
    shallow = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    shallow.compile("adam", "mse")

    with pytest.raises(ValueError, match=r"latest\.npz holds \d+ variables, the model \d+"):
        load_checkpoint(tmp_path / "latest.npz", variables(shallow))


def test_a_missing_checkpoint_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"latest\.npz cannot be read: "):
        load_checkpoint(tmp_path / "latest.npz", variables(model()))


def test_a_checkpoint_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path, made = tmp_path / "latest.npz", variables(model())
    save_checkpoint(path, made, step=1)
    whole = path.read_bytes()
    for length in (*range(0, len(whole), 97), len(whole) - 1):
        path.write_bytes(whole[:length])

        with pytest.raises(ValueError, match=r"latest\.npz"):
            load_checkpoint(path, made)


def test_a_checkpoint_with_a_wrong_byte_in_its_arrays_is_refused(tmp_path: Path) -> None:
    path, made = tmp_path / "latest.npz", variables(model())
    save_checkpoint(path, made, step=1)
    content = bytearray(path.read_bytes())
    content[content.index(b"\x93NUMPY") + 130] ^= 0xFF
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"latest\.npz cannot be read: it is damaged"):
        load_checkpoint(path, made)


def test_one_value_at_a_time_is_held_while_saving(tmp_path: Path) -> None:
    class Counted:
        """A variable that knows how many values of its kind there are."""

        alive = most = 0

        def numpy(self) -> np.ndarray:
            value = np.zeros(8)
            Counted.alive += 1
            Counted.most = max(Counted.most, Counted.alive)
            weakref.finalize(value, Counted.forget)
            return value

        @staticmethod
        def forget() -> None:
            Counted.alive -= 1

    save_checkpoint(tmp_path / "latest.npz", [Counted() for _ in range(5)], step=1)

    assert Counted.most == 1
    assert len(np.load(tmp_path / "latest.npz")) == 6


def test_the_step_is_told_without_the_values(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "latest.npz", variables(model()), step=7)

    assert saved_step(tmp_path / "latest.npz") == 7
    with pytest.raises(ValueError, match="cannot be read"):
        saved_step(tmp_path / "none.npz")
