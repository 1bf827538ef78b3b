"""The costs of a network, in total and by row, agree with one another."""

from __future__ import annotations

import json

import pytest

from cnnsearch.architecture import Architecture, describe
from cnnsearch.architecture.costs import costs
from cnnsearch.architecture.memory import training_memory
from cnnsearch.space import TrainingSettings, draw, first_guess, load_space, shipped_spaces


def network(name: str) -> Architecture:
    candidate = draw(load_space(name), first_guess)
    return describe(candidate.architecture, (28, 28, 1), 10)


@pytest.mark.parametrize("name", shipped_spaces())
def test_rows_add_up_to_the_totals(name: str) -> None:
    told = costs(network(name))
    rows = told["rows"]

    assert sum(row["macs"] for row in rows) == told["macs"] == told["flops"] // 2
    assert sum(row["flops"] for row in rows) == told["flops"]
    trained = sum(row["trainable_parameters"] for row in rows)
    assert trained + told["non_trainable_parameters"] == told["parameters"]
    assert told["download_size_bytes"] == 4 * told["parameters"]
    image = 4 * 28 * 28  # kept too where the first layer has weights
    kept = sum(row["kept_bytes"] for row in rows)
    assert told["kept_memory_bytes"] in (kept, kept + image)
    fields = [row["receptive_field"]["size"] for row in rows if row["receptive_field"]]
    assert max(fields) == told["receptive_field"]["size"]
    assert max(row["output_bytes"] for row in rows) <= told["activation_memory_bytes"]


@pytest.mark.parametrize("name", ["lenet", "resnet", "efficientnet"])
def test_parts_add_up_their_rows(name: str) -> None:
    told = costs(network(name))
    rows, parts = told["rows"], told["parts"]

    assert [part["name"] for part in parts] == list(
        dict.fromkeys(row["name"].split(".")[0] for row in rows)
    )
    assert sum(part["rows"] for part in parts) == len(rows)
    assert sum(part["macs"] for part in parts) == told["macs"]
    assert sum(part["trainable_parameters"] for part in parts) == told["trainable_parameters"]
    assert sum(part["kept_bytes"] for part in parts) == sum(row["kept_bytes"] for row in rows)
    unproductive = sum(part["rows_that_see_nothing_new"] for part in parts)
    assert unproductive == sum(row["sees_nothing_new"] for row in rows)
    assert (parts[-1]["name"], parts[-1]["output_shape"]) == ("head", [10])


def test_each_row_tells_where_in_the_image_it_looks() -> None:
    rows = {row["name"]: row for row in costs(network("reference/resnet-18"))["rows"]}

    first = rows["stem.conv"]["receptive_field"]  # 7x7 with stride 2 and 3 pixels of padding
    assert first == {"size": 7, "jump": 2, "centre": [0.0, 0.0]}


def test_costs_are_plain_values() -> None:
    told = costs(network("resnet"), TrainingSettings())

    assert json.loads(json.dumps(told)) == told


def test_inputs_are_named() -> None:
    rows = {row["name"]: row for row in costs(network("resnet"))["rows"]}

    assert rows["stem.conv"]["inputs"] == ["image"]
    assert rows["stage0.block0.add"]["inputs"] == ["stage0.block0.norm2", "stem.activation"]


def test_the_memory_of_training_is_told_for_a_batch() -> None:
    training = TrainingSettings(batch_size=64, optimizer="sgd")

    assert costs(network("vgg"), training)["training"] == {
        "batch_size": 64,
        "optimizer": "sgd",
        "memory_bytes": training_memory(network("vgg"), training),
    }
    assert costs(network("vgg"))["training"] is None
