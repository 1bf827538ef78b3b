"""Costs come without TensorFlow, and without numpy."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_architecture_loads_no_framework() -> None:
    code = "import sys, cnnsearch.architecture; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    heavy = {"tensorflow", "keras", "numpy", "optuna", "pydantic", "yaml"}
    assert heavy.isdisjoint(done.stdout.split())
