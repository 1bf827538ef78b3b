"""Workers divide the GPUs, or the cores."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.tuning.place import Place

COUNTS = st.integers(1, 64)


@given(COUNTS, COUNTS)
def test_the_cores_are_divided_with_none_left_over(workers: int, cores: int) -> None:
    shares = [Place(index, workers).threads(cores) for index in range(workers)]

    assert min(shares) >= 1
    assert max(shares) - min(shares) <= 1
    assert sum(shares) == max(cores, workers)


@given(COUNTS, COUNTS)
def test_the_gpus_are_divided_as_evenly_as_can_be(workers: int, gpus: int) -> None:
    users = [Place(index, workers).gpu(gpus) for index in range(workers)]
    by_gpu = [users.count(gpu) for gpu in range(gpus)]

    assert sum(by_gpu) == workers
    assert max(by_gpu) - min(by_gpu) <= 1


def test_without_gpus_there_is_none_to_have() -> None:
    assert Place(0, 2).gpu(0) is None
