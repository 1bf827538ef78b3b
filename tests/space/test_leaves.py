"""A setting of a candidate is told from the leaf of the space that it was drawn from."""

from __future__ import annotations

import pytest

from cnnsearch.space import leaf_path

LEAVES = {
    "training.optimizer",
    "architecture.stages.dropout",
    "architecture.stages.1.width",
}


@pytest.mark.parametrize(
    ("path", "leaf"),
    [
        ("training.optimizer", "training.optimizer"),
        ("architecture.stages.dropout", "architecture.stages.dropout"),
        ("architecture.stages.2.dropout", "architecture.stages.dropout"),
        ("architecture.stages.2.blocks.10.dropout", "architecture.stages.dropout"),
        ("architecture.stages.1.width", "architecture.stages.1.width"),
        ("architecture.stages.1.blocks.0.width", "architecture.stages.1.width"),
    ],
)
def test_the_numbers_of_stage_and_block_are_left_out(path: str, leaf: str) -> None:
    assert leaf_path(path, LEAVES) == leaf
