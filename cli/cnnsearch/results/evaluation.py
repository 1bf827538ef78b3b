"""How well probabilities fit labels: accuracy, scores of each class, calibration, mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cnnsearch.results.interval import wilson_interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EVALUATION_VERSION = 1  # of what is printed as JSON
CALIBRATION_BINS = 15  # of equal width, as in Guo et al. 2017 (arXiv:1706.04599)
MISTAKES = 20  # that are kept, the most confident first


@dataclass(frozen=True)
class ClassScores:
    """How one class is told from the others; None where nothing can be said of it."""

    name: str
    count: int  # images of the class
    predicted: int  # images taken for it
    precision: float | None  # of the images taken for it, the share that is; None: none was taken
    recall: float | None  # of its images, the share that was found; None: there are none
    f1: float | None  # the harmonic mean of the two


@dataclass(frozen=True)
class Mistake:
    """An image that was taken for another class than its own."""

    index: int  # of the image, in the order in which they were given
    label: int
    predicted: int
    confidence: float  # the probability of what was predicted, 0 to 1


@dataclass(frozen=True)
class Evaluation:
    """What predictions are worth, with the interval that the number of images allows."""

    count: int
    correct: int
    accuracy: float
    low: float  # of the 95 % interval (Wilson)
    high: float
    macro_f1: float  # mean over the classes that have images
    calibration_error: float  # expected; 0 where confidence is the share of right answers
    classes: tuple[ClassScores, ...]
    confusion: tuple[tuple[int, ...], ...]  # images, by their class (row) and what was predicted
    mistakes: tuple[Mistake, ...]  # the most confident first

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values; mistakes name their classes."""
        names = [scores.name for scores in self.classes]
        mistakes = [
            {
                "index": mistake.index,
                "label": names[mistake.label],
                "predicted": names[mistake.predicted],
                "confidence": mistake.confidence,
            }
            for mistake in self.mistakes
        ]
        confusion = [list(row) for row in self.confusion]
        return asdict(self) | {
            "classes": [asdict(scores) for scores in self.classes],
            "confusion": confusion,
            "mistakes": mistakes,
        }


def evaluation_document(
    evaluation: Evaluation,
    files: Sequence[str] | None,
    *,
    model: Mapping[str, Any],
    data: Mapping[str, Any],
) -> dict[str, Any]:
    """Return an evaluation as plain values, with what was evaluated on what.

    `files` are those of the images, in their order, and None where they are not known.
    """
    plain = evaluation.to_json()
    for mistake in plain["mistakes"]:
        mistake["image"] = files[mistake["index"]] if files else None
    return {
        "version": EVALUATION_VERSION,
        "model": dict(model),
        "data": dict(data),
        "evaluation": plain,
    }


def evaluate(
    probabilities: NDArray[np.floating[Any]],
    labels: NDArray[np.integer[Any]],
    classes: Sequence[str],
) -> Evaluation:
    """Compare what was predicted with what is.

    Args:
        probabilities: `(images, classes)`.
        labels: Class numbers, `(images,)`, from 0 to classes - 1.
        classes: The names of the classes, in the order of the probabilities.

    Raises:
        ValueError: The arguments do not fit each other, or there are no images.
    """
    import numpy as np

    fits = probabilities.shape == (len(labels), len(classes)) and len(labels)
    if not fits or labels.min() < 0 or labels.max() >= len(classes):
        raise ValueError(
            f"probabilities {probabilities.shape} do not fit {len(labels)} labels of "
            f"{len(classes)} classes"
        )
    predicted = probabilities.argmax(-1)
    confidence = probabilities.max(-1).astype(np.float64)
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    correct = int(np.trace(confusion))
    low, high = wilson_interval(correct, len(labels))
    scores = _class_scores(confusion, classes)
    f1 = [each.f1 or 0.0 for each in scores if each.count]
    return Evaluation(
        count=len(labels),
        correct=correct,
        accuracy=correct / len(labels),
        low=low,
        high=high,
        macro_f1=sum(f1) / len(f1),
        calibration_error=_calibration_error(confidence, predicted == labels),
        classes=scores,
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        mistakes=_mistakes(confidence, predicted, labels),
    )


def _class_scores(confusion: NDArray[np.int64], classes: Sequence[str]) -> tuple[ClassScores, ...]:
    found = confusion.diagonal().tolist()
    counts, taken = confusion.sum(1).tolist(), confusion.sum(0).tolist()
    return tuple(
        ClassScores(
            name=name,
            count=count,
            predicted=predicted,
            precision=_share(right, predicted),
            recall=_share(right, count),
            f1=_share(2 * right, count + predicted),
        )
        for name, right, count, predicted in zip(classes, found, counts, taken, strict=True)
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the gap between confidence and share of right answers, averaged over the images.

    Images are gathered in bins of confidence (k/15, (k+1)/15].
    """
    import numpy as np

    bins = np.clip(np.ceil(confidence * CALIBRATION_BINS).astype(np.int64) - 1, 0, None)
    gaps = np.bincount(bins, weights=confidence - right)
    return float(np.abs(gaps).sum() / len(confidence))


def _mistakes(
    confidence: NDArray[np.float64], predicted: NDArray[np.int64], labels: NDArray[np.integer[Any]]
) -> tuple[Mistake, ...]:
    import numpy as np

    wrong = np.flatnonzero(predicted != labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES]
    return tuple(
        Mistake(int(index), int(labels[index]), int(predicted[index]), float(confidence[index]))
        for index in worst
    )
