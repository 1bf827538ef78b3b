"""From a candidate's settings to its network as plain data, with exact costs; no TensorFlow."""

from __future__ import annotations

from cnnsearch.architecture.describe import describe
from cnnsearch.architecture.graph import IMAGE, Architecture, Row
from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.limits import misses

__all__ = ["IMAGE", "Architecture", "InfeasibleError", "Row", "describe", "misses"]
