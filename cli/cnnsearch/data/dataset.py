"""A dataset in memory: three splits of uint8 images with their labels, and facts about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STATISTICS_SAMPLE = (
    10_000  # images; the standard error of the mean is then under 1 % of the deviation
)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels in three splits, no example in two of them.

    Images are `(examples, height, width, channels)` and labels, class numbers, `(examples,)`.
    """

    name: str
    source: str  # where the data was found, for people
    classes: tuple[str, ...]
    x_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    x_validation: NDArray[np.uint8]
    y_validation: NDArray[np.int64]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]
    licence: str
    fingerprint: str  # sha256 of the content; the same whichever way it was split
    notes: tuple[str, ...] = field(
        default=()
    )  # what a user may want to know: files left out, how it was split

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of every image."""
        height, width, channels = self.x_train.shape[1:]
        return int(height), int(width), int(channels)

    def splits(self) -> dict[str, tuple[NDArray[np.uint8], NDArray[np.int64]]]:
        """Return the images and labels of train, validation and test, by these names."""
        return {
            "train": (self.x_train, self.y_train),
            "validation": (self.x_validation, self.y_validation),
            "test": (self.x_test, self.y_test),
        }

    def facts(self) -> dict[str, Any]:
        """Return what is known about the data as plain values, ready for JSON."""
        import numpy as np

        counts = {
            split: np.bincount(labels, minlength=len(self.classes)).tolist()
            for split, (_, labels) in self.splits().items()
        }
        return {
            "name": self.name,
            "source": self.source,
            "licence": self.licence,
            "shape": list(self.shape),
            "classes": list(self.classes),
            "examples": {split: sum(of_split) for split, of_split in counts.items()},
            "class_counts": {
                name: {split: of_split[label] for split, of_split in counts.items()}
                for label, name in enumerate(self.classes)
            },
            "bytes": int(sum(images.nbytes for images, _ in self.splits().values())),
            "fingerprint": self.fingerprint,
            "notes": list(self.notes),
        }


def channel_statistics(images: NDArray[np.uint8]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and standard deviation of each channel, in pixel values from 0 to 255.

    At most 10,000 images, evenly spread, are looked at. A constant channel has deviation 0.
    """
    import numpy as np

    step = -(-len(images) // STATISTICS_SAMPLE)
    histogram = np.zeros((images.shape[-1], 256), dtype=np.int64)
    for start in range(0, len(images), 256 * step):
        part = images[start : start + 256 * step : step]
        for channel in range(images.shape[-1]):
            histogram[channel] += np.bincount(part[..., channel].reshape(-1), minlength=256)
    values = np.arange(256, dtype=np.float64)
    weights = histogram / histogram.sum(axis=1, keepdims=True)
    mean = weights @ values
    deviation = np.sqrt(np.maximum(0.0, (weights * (values - mean[:, None]) ** 2).sum(axis=1)))
    return tuple(mean.tolist()), tuple(deviation.tolist())
