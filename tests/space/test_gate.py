"""The `gate` section: limits as people write them, each with its level."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnsearch.errors import SpaceError
from cnnsearch.space import load_space
from cnnsearch.space.gate import GateSection

SPACE = "architecture: {stages: [{width: 8}]}\n"


def gate(tmp_path: Path, text: str, *overrides: str) -> GateSection:
    file = tmp_path / "space.yaml"
    file.write_text(f"{SPACE}gate: {text}\n", encoding="utf-8")
    return load_space(file, overrides).gate


def test_without_the_section_there_are_no_limits(tmp_path: Path) -> None:
    file = tmp_path / "space.yaml"
    file.write_text(SPACE, encoding="utf-8")

    assert load_space(file).gate.limits() == {}


def test_limits_are_read_in_their_units(tmp_path: Path) -> None:
    limits = gate(
        tmp_path,
        "{test_accuracy: {min: 90%, max_drop: 0.005}, parameters: {max: 500k, max_rise: 10%},"
        " latency: {max: 5ms}, export_size: {max: 2MB}}",
    ).limits()

    assert {name: dict(limit.bounds) for name, limit in limits.items()} == {
        "test_accuracy": {"min": 0.9, "max_drop": 0.005},
        "parameters": {"max": 500_000, "max_rise": 0.1},
        "latency": {"max": 5_000},
        "export_size": {"max": 2_000_000},
    }
    assert {limit.level for limit in limits.values()} == {"error"}


def test_a_limit_that_is_off_is_none(tmp_path: Path) -> None:
    found = gate(tmp_path, "{macs: {level: off, max: 5M}, val_accuracy: {level: warn, min: 0.5}}")

    assert set(found.limits()) == {"val_accuracy"}


def test_limits_are_inherited_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        f"{SPACE}gate: {{test_accuracy: {{min: 0.9, max_drop: 0.01}}}}\n", encoding="utf-8"
    )
    file = tmp_path / "own.yaml"
    file.write_text("extends: base.yaml\ngate: {test_accuracy: {min: 0.8}}\n", encoding="utf-8")

    limit = load_space(file, ["gate.test_accuracy.level=warn"]).gate.test_accuracy

    assert limit is not None
    assert (limit.level, limit.min, limit.max_drop) == ("warn", 0.8, 0.01)


def test_a_latency_with_a_limit_is_measured(tmp_path: Path) -> None:
    file = tmp_path / "space.yaml"
    file.write_text(f"{SPACE}gate: {{latency: {{max_rise: 20%}}}}\n", encoding="utf-8")

    assert load_space(file).measured == ("latency",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{test_accuracy: {mim: 0.9}}", "gate.test_accuracy.mim  unknown setting; did you mean"),
        ("{test_acuracy: {min: 0.9}}", "did you mean `test_accuracy`?"),
        ("{test_accuracy: 0.9}", "gate.test_accuracy  expected a mapping of settings, not 0.9"),
        ("{test_accuracy: {min: 95}}", "gate.test_accuracy.min  must be at most 1, not 95"),
        ("{macs: {level: warn}}", "gate.macs  limits nothing; give `max_rise` or `max`"),
        ("{macs: {level: fatal, max: 5}}", "expected one of `off`, `warn`, `error`, not `fatal`"),
        ("{latency: {max: 5}}", "expected a latency such as 5ms or 0.2s, not 5"),
    ],
)
def test_a_wrong_limit_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SpaceError) as error:
        gate(tmp_path, text)

    assert told in str(error.value)
    assert len(error.value.problems) == 1
