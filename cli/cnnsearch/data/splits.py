"""Splits that keep the classes' shares and come out the same again.

NumPy promises the raw stream of a bit generator for ever (NEP 19), but not what
`Generator.permutation` makes of it: examples are therefore ordered by raw 64-bit keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Part = TypeVar("Part")

TEST_SHARE = 0.2  # of all examples, where the source has no test split
TEST_SEED = 1  # never the caller's: runs with different seeds are scored on the same test images
VALIDATION_SHARE = 0.1  # of the training examples, where neither the source nor the caller says


@dataclass(frozen=True)
class Preparation:
    """What a caller asks of a dataset."""

    validation: float | None = None  # share of the training examples; None: the default
    image_size: int | None = None  # side in pixels; None: the images' own
    seed: int = 1  # of the draw of the validation split


def random_keys(count: int, seed: int) -> NDArray[np.uint64]:
    """Return `count` random sorting keys, the same for the same seed on every machine."""
    import numpy as np

    return np.asarray(np.random.PCG64(seed).random_raw(count), dtype=np.uint64)


def first_per_class(
    labels: NDArray[Any], amounts: dict[int, int], keys: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Return the indices, ascending, of the `amounts[label]` smallest keys of each class."""
    import numpy as np

    chosen = [np.empty(0, dtype=np.int64)]
    for label, amount in amounts.items():
        members = np.flatnonzero(labels == label)
        chosen.append(members[np.argsort(keys[members], kind="stable")][:amount])
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def stratified_split(
    labels: NDArray[Any], share: float, seed: int, *, keys: NDArray[np.uint64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split the examples in two, each class in the same proportion.

    Args:
        labels: Class numbers, `(examples,)`; each class needs at least two examples.
        share: Part to hold out, between 0 and 1. Each class gives at least one example and keeps at
            least one.
        seed: Which of the possible splits.
        keys: Sorting keys, `(examples,)`, in place of random ones: an example's key then decides
            its side.

    Returns:
        The indices that are kept and those held out, both ascending.

    Raises:
        ValueError: The share is not between 0 and 1, or a class has one example only.
    """
    import numpy as np

    if not 0 < share < 1:
        raise ValueError(f"the share must be between 0 and 1, not {share}")
    present, counts = np.unique(labels, return_counts=True)
    if counts.size and counts.min() < 2:
        raise ValueError(f"class {present[counts.argmin()]} has one example and cannot be split")
    amounts = {
        int(label): int(min(count - 1, max(1, round(share * int(count)))))
        for label, count in zip(present, counts, strict=True)
    }
    order = random_keys(len(labels), seed) if keys is None else keys
    held_out = first_per_class(labels, amounts, order)
    kept = np.setdiff1d(np.arange(len(labels), dtype=np.int64), held_out, assume_unique=True)
    return kept, held_out


def complete_splits(
    given: Mapping[str, Part],
    divide: Callable[[Part, float, int], tuple[Part, Part]],
    wanted: Preparation,
) -> tuple[dict[str, Part], list[str]]:
    """Divide what has no test split or no validation split.

    Args:
        given: "train", and "validation" and "test" where there are such.
        divide: Returns a part without a share of it, and that share; the last argument is a seed.
        wanted: The share to validate on, and the seed of its draw.

    Returns:
        Train, validation and test, and sentences on what was divided.
    """
    splits, notes = dict(given), []
    if "test" not in splits:
        splits["train"], splits["test"] = divide(splits["train"], TEST_SHARE, TEST_SEED)
        notes.append(f"no test split given: {TEST_SHARE:.0%} of each class, the same for all seeds")
    if "validation" not in splits:
        share = VALIDATION_SHARE if wanted.validation is None else wanted.validation
        splits["train"], splits["validation"] = divide(splits["train"], share, wanted.seed)
        notes.append(
            f"no validation split given: {share:.3g} of each training class, by seed {wanted.seed}"
        )
    return splits, notes
