"""Figures of an evaluation are those of its definitions, worked out by hand or in another way."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnnsearch.results.evaluation import MISTAKES, Evaluation, evaluate
from cnnsearch.results.interval import wilson_interval

NAMES = ("cat", "dog", "emu")


def sure(predicted: list[int], confidence: float = 0.8) -> NDArray[np.float64]:
    """Return probabilities that predict these classes, each with that confidence."""
    rest = (1 - confidence) / 2
    return np.full((len(predicted), 3), rest) + np.eye(3)[predicted] * (confidence - rest)


@pytest.fixture
def small() -> Evaluation:
    """Four cats, of which one was taken for a dog; one dog, found; no emu, but one seen."""
    return evaluate(sure([0, 0, 1, 0, 1, 2]), np.array([0, 0, 0, 0, 1, 1]), NAMES)


def test_accuracy_comes_with_its_interval(small: Evaluation) -> None:
    assert (small.count, small.correct, small.accuracy) == (6, 4, 4 / 6)
    assert (small.low, small.high) == wilson_interval(4, 6)


def test_the_confusion_matrix_has_a_row_for_each_true_class(small: Evaluation) -> None:
    assert small.confusion == ((3, 1, 0), (0, 1, 1), (0, 0, 0))


def test_each_class_has_its_precision_recall_and_f1(small: Evaluation) -> None:
    cat, dog, emu = small.classes

    assert (cat.precision, cat.recall, cat.f1) == (1, 0.75, 6 / 7)
    assert (dog.precision, dog.recall, dog.f1) == (0.5, 0.5, 0.5)
    assert (emu.count, emu.predicted, emu.precision, emu.recall) == (0, 1, 0, None)


def test_what_was_never_predicted_has_no_precision() -> None:
    dog = evaluate(sure([0, 0]), np.array([0, 1]), NAMES).classes[1]

    assert (dog.precision, dog.recall, dog.f1) == (None, 0, 0)


def test_the_mean_f1_leaves_out_classes_without_images(small: Evaluation) -> None:
    assert small.macro_f1 == pytest.approx((6 / 7 + 0.5) / 2)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy(small: Evaluation) -> None:
    assert small.calibration_error == pytest.approx(0.8 - 4 / 6)


def test_too_much_and_too_little_confidence_do_not_cancel() -> None:
    probabilities = np.concatenate([sure([0, 0], 1.0), sure([0, 0], 0.6)])

    found = evaluate(probabilities, np.array([0, 1, 0, 0]), NAMES)

    assert found.calibration_error == pytest.approx((0.5 + 0.4) / 2)


def test_mistakes_are_told_the_most_confident_first() -> None:
    probabilities = np.concatenate([sure([0], 0.9), sure([1], 0.7), sure([2], 0.8)])

    found = evaluate(probabilities, np.array([0, 0, 0]), NAMES)

    assert [(m.index, m.label, m.predicted) for m in found.mistakes] == [(2, 0, 2), (1, 0, 1)]
    assert found.mistakes[0].confidence == pytest.approx(0.8)


def test_only_so_many_mistakes_are_kept() -> None:
    found = evaluate(sure([0] * 100), np.ones(100, int), NAMES)

    assert [mistake.index for mistake in found.mistakes] == list(range(MISTAKES))


def test_as_json_it_names_the_classes_of_mistakes(small: Evaluation) -> None:
    plain = json.loads(json.dumps(small.to_json(), allow_nan=False))

    assert plain["confusion"] == [[3, 1, 0], [0, 1, 1], [0, 0, 0]]
    assert plain["classes"][2]["recall"] is None
    assert plain["mistakes"][0] == {
        "index": 2,
        "label": "cat",
        "predicted": "dog",
        "confidence": pytest.approx(0.8),
    }


@pytest.mark.parametrize(
    ("images", "labels"), [(0, 0), (2, 3)], ids=["no image", "a label too many"]
)
def test_what_does_not_fit_is_refused(images: int, labels: int) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        evaluate(sure([0] * images), np.zeros(labels, int), NAMES)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_the_matrix_holds_every_image_once(pairs: list[tuple[int, int]]) -> None:
    labels = [label for label, _ in pairs]
    found = evaluate(sure([guess for _, guess in pairs]), np.array(labels), NAMES)

    for label, row in enumerate(found.confusion):
        assert list(row) == [pairs.count((label, guess)) for guess in range(3)]
    assert found.correct == sum(label == guess for label, guess in pairs)
    assert 0 <= found.calibration_error <= 1
