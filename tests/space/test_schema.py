"""The JSON Schema: accepts what loads, refuses what an editor can know to be wrong."""

from __future__ import annotations

from functools import cache

import pytest
from jsonschema import Draft202012Validator

from cnnsearch.space import load_space, shipped_spaces, space_schema
from cnnsearch.space.yaml_file import parse_yaml


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(space_schema())


def accepted(text: str) -> bool:
    return validator().is_valid(parse_yaml(text, "x")[0])


def test_the_schema_is_one_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(space_schema())

    assert space_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", shipped_spaces())
def test_a_shipped_space_is_accepted(name: str) -> None:
    text = shipped_spaces()[name].read_text(encoding="utf-8")

    validator().validate(parse_yaml(text, name)[0])
    validator().validate(load_space(name).document)


@pytest.mark.parametrize(
    "text",
    [
        "architecture: {stages: [{width: 8, kernel_size: {values: [3, 5]}}]}",
        "architecture: {stages: {width: {prior: 8}}}",
        "architecture: {stem: null}",
        "budget: {time: 1h30m, trials: 3, reserve: 20%}",
        "budget: {target: 95%, patience: 20m}",
        "budget: {target: 0.95, patience: 90}",
        "constraints: {parameters: 500k, macs: ['>= 1M', '<= 50M']}",
        "constraints: {latency: 5ms, latency_batch64: ['<= 0.1s', '> 300us']}",
        "gate: {test_accuracy: {min: 90%, max_drop: 0.005}, macs: {level: warn, max: 5M}}",
        "gate: {latency: {max: 5ms, max_rise: 20%}, export_size: {level: off, max: 4MB}}",
        "objectives: {val_accuracy: max, latency: min}",
        "training: {learning_rate: {min: 1e-4, max: 1e-1, log: true, prior: 3e-3}}",
        "architecture: {head: {units: {values: [[], [128]]}}}",
    ],
)
def test_what_loads_is_accepted(text: str) -> None:
    assert accepted(text)


@pytest.mark.parametrize(
    "text",
    [
        "gates: {}",
        "gate: {test_accuracy: 0.9}",
        "gate: {test_accuracy: {max: 0.9}}",
        "gate: {test_accuracy: {max_drop: 2}}",
        "gate: {macs: {level: on}}",
        "gate: {latency: {max: 5}}",
        "training: {epoch: 3}",
        "training: {epochs: {values: [1, 2]}}",
        "training: {batch_size: 1.5}",
        "training: {batch_size: {min: 1}}",
        "training: {batch_size: {values: []}}",
        "training: {batch_size: {values: [8, 8]}}",
        "training: {batch_size: {values: [8, 16], per: stage}}",
        "architecture: {activation: swsh}",
        "architecture: {activation: {min: 1, max: 2}}",
        "architecture: {stages: [{depth: 1}]}",
        "architecture: {stages: {depth: {min: 1, max: 2, per: block}}}",
        "budget: {time: 0}",
        "budget: {time: soon}",
        "budget: {target: 0}",
        "budget: {patience: 0}",
        "constraints: {parameters: '~ 3'}",
        "constraints: {latency: 5}",
        "constraints: {latency: '== 5ms'}",
        "objectives: {val_accuracy: max, latency: max}",
        "export: {formats: [tflight]}",
    ],
)
def test_what_is_refused_by_loading_is_refused(text: str) -> None:
    assert not accepted(text)
