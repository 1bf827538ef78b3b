"""The precision and the compiler fit the device."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import keras
import pytest
import tensorflow as tf

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


def test_a_cpu_trains_in_float32_without_xla(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])

    assert set_up_device() == Device("CPU", jit_compile=False, dtype_policy="float32")
    assert keras.config.dtype_policy().name == "float32"


def test_the_first_gpu_is_shared_and_used_with_xla(monkeypatch: pytest.MonkeyPatch) -> None:
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

    device = set_up_device()

    assert device == Device("NVIDIA H100", jit_compile=True, dtype_policy="mixed_bfloat16")
    assert asked == [
        ("only", "gpu0", "GPU"),
        ("growth", "gpu0", True),
        ("policy", "mixed_bfloat16"),
    ]
