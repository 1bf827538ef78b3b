"""The precision and the compiler fit the device."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import keras
import pytest
import tensorflow as tf

from cnnsearch.tuning.place import Place
from cnnsearch.tuning.worker import devices
from cnnsearch.tuning.worker.devices import Device, dtype_policy_for, set_up_device


@pytest.mark.parametrize(
    ("compute_capability", "policy"),
    [
        (None, "float32"),
        ((6, 1), "float32"),
        ((7, 0), "mixed_float16"),
        ((7, 5), "mixed_float16"),
        ((8, 0), "mixed_bfloat16"),
        ((8, 9), "mixed_bfloat16"),
        ((9, 0), "mixed_bfloat16"),
        ((10, 0), "mixed_bfloat16"),
    ],
)
def test_the_precision_is_what_the_chip_is_quick_in(
    compute_capability: tuple[int, int] | None, policy: str
) -> None:
    assert dtype_policy_for(compute_capability) == policy


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many threads were asked for, on a machine of 8 cores."""
    asked: dict[str, int] = {}
    threading = SimpleNamespace(
        set_intra_op_parallelism_threads=lambda count: asked.update(intra=count),
        set_inter_op_parallelism_threads=lambda count: asked.update(inter=count),
    )
    monkeypatch.setattr(tf.config, "threading", threading)
    monkeypatch.setattr(devices, "usable_cores", lambda: 8)
    return asked


@pytest.mark.parametrize(("workers", "cores"), [(1, 8), (2, 4), (3, 3), (16, 1)])
def test_a_worker_has_as_many_threads_as_cores_of_its_own(
    monkeypatch: pytest.MonkeyPatch, threads: dict[str, int], workers: int, cores: int
) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])

    set_up_device(Place(0, workers))

    assert threads == {"intra": cores, "inter": cores}


def test_a_cpu_trains_in_float32_without_xla(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])

    assert set_up_device(Place()) == Device("CPU", jit_compile=False, dtype_policy="float32")
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize(("index", "gpu"), [(0, "gpu0"), (1, "gpu1"), (2, "gpu0"), (3, "gpu1")])
def test_a_gpu_is_shared_where_there_are_too_few_and_used_with_xla(
    monkeypatch: pytest.MonkeyPatch, index: int, gpu: str
) -> None:
    asked: list[Any] = []
    details = {"device_name": "NVIDIA H100", "compute_capability": (9, 0)}
    experimental = SimpleNamespace(
        set_memory_growth=lambda gpu, on: asked.append(("growth", gpu, on)),
        get_device_details=lambda gpu: details,
    )
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["gpu0", "gpu1"])
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda *a: asked.append(("only", *a)))
    monkeypatch.setattr(tf.config, "experimental", experimental)
    monkeypatch.setattr(
        keras.config, "set_dtype_policy", lambda policy: asked.append(("policy", policy))
    )

    device = set_up_device(Place(index, 4))

    assert device == Device("NVIDIA H100", jit_compile=True, dtype_policy="mixed_bfloat16")
    assert asked == [
        ("only", gpu, "GPU"),
        ("growth", gpu, True),
        ("policy", "mixed_bfloat16"),
    ]
