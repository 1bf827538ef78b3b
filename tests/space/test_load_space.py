"""A search space that is right: what each section becomes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.space.conftest import Load

from cnnsearch.space import (
    Choice,
    Constraint,
    RealRange,
    SearchSpace,
    WholeRange,
    load_space,
    shipped_spaces,
)
from cnnsearch.space.yaml_text import yaml_text

STAGES = "architecture: {stages: {count: 2, width: 16}}\n"
EVERY_LEAF = """
    architecture:
      activation: {values: [relu, swish], prior: swish}
      stages:
        count: {min: 1, max: 4}
        width: {values: [8, 16]}
        width_growth: {min: 1, max: 2, step: 0.5}
        dropout: {min: 0, max: 0.5, per: block}
    training:
      learning_rate: {min: 1e-4, max: 1, log: true, prior: 1e-2}
      batch_size: {min: 8, max: 64, log: true}
      weight_decay: {values: [0, 1e-3], when: "optimizer == 'adamw'"}
"""


def free(space: SearchSpace, path: str) -> object:
    return next(leaf.domain for leaf in space.free if leaf.path == path)


def test_a_file_of_two_lines_is_a_space_with_all_defaults(load: Load) -> None:
    space = load(STAGES)

    assert space.name == "space"
    assert space.data.source == "fashion-mnist-mini"
    assert space.objectives == {"val_accuracy": "max"}
    assert (space.search.algorithm, space.search.pruning, space.search.seed) == ("local", "asha", 1)
    assert (space.budget.time_s, space.budget.trials) == (600, None)
    assert space.export.formats == ("savedmodel", "keras")
    assert space.free == ()


def test_each_form_of_a_leaf_becomes_its_domain(load: Load) -> None:
    space = load(EVERY_LEAF)

    assert free(space, "architecture.activation") == Choice(("relu", "swish"))
    assert free(space, "architecture.stages.count") == WholeRange(1, 4)
    assert free(space, "architecture.stages.width") == Choice((8, 16), ordinal=True)
    assert free(space, "architecture.stages.width_growth") == RealRange(1, 2, step=0.5)
    assert free(space, "architecture.stages.dropout") == RealRange(0, 0.5)
    assert free(space, "training.learning_rate") == RealRange(1e-4, 1, log=True)
    assert free(space, "training.batch_size") == WholeRange(8, 64, log=True)
    assert free(space, "training.weight_decay") == Choice((0, 1e-3), ordinal=True)


def test_a_leaf_that_leaves_one_value_is_fixed(load: Load) -> None:
    space = load(STAGES + "training: {batch_size: {values: [64]}, learning_rate: {min: 1, max: 1}}")

    assert space.free == ()


def test_plain_sections_are_read(load: Load) -> None:
    space = load(
        STAGES
        + """
data: {source: photos, validation: 0.1, image_size: 96}
objectives: {val_loss: min}
constraints: {parameters: "<= 500k", macs: [">= 1M", "< 50M"]}
search: {algorithm: random, pruning: none, seed: 7}
budget: {time: 1h30m, trials: 200, reserve: 20%}
export: {formats: [keras]}
"""
    )

    assert (space.data.source, space.data.validation, space.data.image_size) == ("photos", 0.1, 96)
    assert space.objectives == {"val_loss": "min"}
    assert space.constraints == (
        Constraint("parameters", "<=", 500_000),
        Constraint("macs", ">=", 1_000_000),
        Constraint("macs", "<", 50_000_000),
    )
    assert (space.search.algorithm, space.search.pruning, space.search.seed) == (
        "random",
        "none",
        7,
    )
    assert (space.budget.time_s, space.budget.trials, space.budget.reserve) == (5_400, 200, 0.2)
    assert space.export.formats == ("keras",)


def test_a_plain_number_is_an_upper_limit(load: Load) -> None:
    space = load(STAGES + "constraints: {parameters: 1000}")

    assert space.constraints == (Constraint("parameters", "<=", 1_000),)


def test_every_cost_can_be_limited(load: Load) -> None:
    space = load(
        STAGES
        + """
constraints:
  download_size: "<= 4MB"
  activation_memory: 512KiB
  training_memory: "< 1.5GB"
  receptive_field: ">= 28"
  layers: [">= 3", "<= 50"]
  flops: 1G
"""
    )

    assert [str(limit) for limit in space.constraints] == [
        "flops <= 1G",
        "layers >= 3",
        "layers <= 50",
        "receptive_field >= 28",
        "download_size <= 4 MB",
        "activation_memory <= 524,288 bytes",
        "training_memory < 1.5 GB",
    ]
    assert space.constraints[5].limit == 512 * 1024


def test_a_measured_latency_is_limited_in_units_of_time(load: Load) -> None:
    space = load(
        STAGES + 'constraints: {latency: ["<= 5ms", "> 250us"], latency_batch64: "< 0.1s"}\n'
    )

    assert [str(limit) for limit in space.constraints] == [
        "latency <= 5 ms",
        "latency > 250 us",
        "latency_batch64 < 100 ms",
    ]
    assert space.constraints[0].limit == 5_000
    assert space.measured == ("latency", "latency_batch64")


@pytest.mark.parametrize(
    ("sections", "algorithm"),
    [
        ("objectives: {val_accuracy: max, macs: min}", "nsga2"),
        ("objectives: {val_accuracy: max, macs: min}\nsearch: {seed: 2}", "nsga2"),
        ("objectives: {val_accuracy: max, macs: min}\nsearch: {algorithm: local}", "local"),
        ("objectives: {val_accuracy: max, macs: null}", "local"),
    ],
)
def test_with_several_objectives_the_front_is_searched_unless_the_file_says_how(
    sections: str, algorithm: str, load: Load
) -> None:
    space = load(STAGES + sections)

    assert space.search.algorithm == algorithm
    assert load(space.to_yaml()) == space


@pytest.mark.parametrize(
    ("text", "objectives", "measured"),
    [
        (
            "{macs: min, val_accuracy: max}",
            {"val_accuracy": "max", "macs": "min"},
            (),
        ),
        (
            "{latency_batch64: min, parameters: min, val_loss: min}",
            {"val_loss": "min", "parameters": "min", "latency_batch64": "min"},
            ("latency_batch64",),
        ),
        ("{val_loss: min, macs: null}", {"val_loss": "min"}, ()),
    ],
)
def test_of_several_objectives_the_score_comes_first(
    text: str, objectives: dict[str, str], measured: tuple[str, ...], load: Load
) -> None:
    space = load(STAGES + f"objectives: {text}\n")

    assert list(space.objectives.items()) == list(objectives.items())
    assert space.measured == measured


def test_a_cost_can_be_added_by_an_option(load: Load) -> None:
    space = load("extends: default\n", "objectives.macs=min")

    assert space.objectives == {"val_accuracy": "max", "macs": "min"}


@pytest.mark.parametrize("limit", ["trials: 3", "patience: 20m"])
def test_a_limit_that_ends_every_search_sets_no_time(load: Load, limit: str) -> None:
    assert load(STAGES + f"budget: {{{limit}}}").budget.time_s is None


def test_a_target_may_never_be_reached_so_the_time_stays(load: Load) -> None:
    budget = load(STAGES + "budget: {target: 95%}").budget

    assert (budget.target, budget.time_s) == (0.95, 600)


def test_a_loss_may_have_any_target(load: Load) -> None:
    text = STAGES + "budget: {target: 1.5}\nobjectives: {val_loss: min}\n"

    assert load(text).budget.target == 1.5


@pytest.mark.parametrize("name", shipped_spaces())
def test_the_resolved_document_of_a_shipped_space_loads_as_the_same(
    name: str, tmp_path: Path
) -> None:
    space = load_space(name)
    (tmp_path / "again.yaml").write_text(space.to_yaml(), encoding="utf-8")

    assert load_space(tmp_path / "again.yaml") == space


def test_the_resolved_document_of_every_leaf_loads_as_the_same(load: Load) -> None:
    space = load(EVERY_LEAF)

    assert load(yaml_text(space.document)) == space
