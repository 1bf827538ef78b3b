"""The grammar of `when`: what it means, and that nothing else is accepted."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.space.conftest import Load, Refused

from cnnsearch.space import Value, draw, first_guess, random_chooser, replay
from cnnsearch.space.conditions import parse_condition

VALUES: dict[str, Value] = {
    "block": "conv",
    "depth": 2,
    "rate": 0.5,
    "units": [128],
    "size": None,
    "head.pooling": "max",
}


def resolve(name: str) -> str:
    if name not in VALUES:
        raise ValueError(f"unknown setting `{name}`")
    return name


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("block == 'conv'", True),
        ('block != "conv"', False),
        ("depth < 3", True),
        ("depth <= 1", False),
        ("1 < depth <= 2", True),
        ("2 == depth", True),
        ("rate > -1", True),
        ("rate >= 0.5 and depth > 2", False),
        ("rate >= 0.5 or depth > 2", True),
        ("not depth == 2", False),
        ("not (block == 'conv' and depth == 1)", True),
        ("block in ['conv', 'residual']", True),
        ("block not in ('conv', 'residual')", False),
        ("units == [128]", True),
        ("units in [[], [64]]", False),
        ("size == None", True),
        ("head.pooling == 'max'", True),
        ("depth == rate", False),
        ("size < 3", False),
        ("  depth == 2 ", True),
    ],
)
def test_a_condition_means_what_python_means(text: str, holds: bool) -> None:
    assert parse_condition(text, resolve).test(VALUES) is holds


def test_a_condition_knows_what_it_reads() -> None:
    condition = parse_condition("depth > 1 and (block == 'conv' or depth < 9)", resolve)

    assert condition.reads == ("depth", "block")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "depth",
        "True",
        "1",
        "depth = 2",
        "depth == ",
        "depth + 1 == 2",
        "depth is 2",
        "len(units) == 1",
        "units[0] == 1",
        "(lambda: 1)() == 1",
        "__import__('os').system('true') == 0",
        "block.__class__() == 1",
        "[x for x in units] == 1",
        "f'{depth}' == '2'",
        "depth == 1 if rate else 2",
        "(depth := 3) == 3",
        "block == b'conv'",
        "depth == 1j",
        "depth == ...",
        "depth == -'a'",
        "depth == {1}",
        "block == 'conv'; depth == 1",
        "depth == 1\nrate == 2",
        "\0",
        "(" * 150,
    ],
)
def test_what_is_not_in_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a condition such as"):
        parse_condition(text, resolve)


def test_in_needs_literals() -> None:
    with pytest.raises(ValueError, match="needs a list of literals"):
        parse_condition("depth in units", resolve)


def test_a_long_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 200 characters, not 205"):
        parse_condition("x" * 205, resolve)


@given(st.text(max_size=40) | st.text(alphabet="depth block<>=!'()[],. andornti1", max_size=40))
def test_any_text_is_a_condition_or_is_refused(text: str) -> None:
    try:
        condition = parse_condition(text, resolve)
    except ValueError:
        return

    assert condition.test(VALUES) in (True, False)


SPACE = """\
architecture:
  stages:
    count: 2
    width: 8
    depth: 2
    block: {{values: [conv, residual], per: {per}}}
    dropout: {{values: [0.1, 0.2], when: "block == 'residual'", per: {per}}}
"""


def test_an_inactive_setting_has_its_default_and_is_no_setting_of_the_candidate(load: Load) -> None:
    candidate = draw(load(SPACE.format(per="model")), first_guess)

    assert "architecture.stages.dropout" not in candidate.settings
    assert candidate.architecture.stages[0].blocks[0].dropout == 0


@pytest.mark.parametrize("per", ["model", "stage", "block"])
def test_a_condition_reads_the_setting_of_its_own_block(per: str, load: Load) -> None:
    space = load(SPACE.format(per=per))
    for seed in range(20):
        stages = draw(space, random_chooser(random.Random(seed))).architecture.stages

        for block in (block for stage in stages for block in stage.blocks):
            assert (block.dropout > 0) == (block.block == "residual")


def test_a_setting_is_drawn_after_what_its_condition_reads(load: Load) -> None:
    space = load(
        """\
        architecture:
          activation: {values: [relu, swish], when: "training.optimizer == 'sgd'"}
          stages: {count: 2, width: 8}
        training:
          optimizer: {values: [adam, sgd], when: "batch_size > 8"}
          batch_size: {values: [8, 16]}
        """
    )

    chosen = draw(
        space, replay({"training.batch_size": 16, "training.optimizer": "sgd"}, first_guess)
    )

    assert list(chosen.settings) == [
        "training.batch_size",
        "training.optimizer",
        "architecture.activation",
    ]


def test_a_fixed_value_may_have_a_condition(load: Load) -> None:
    space = load(
        """\
        architecture: {stages: {count: 2, width: 8}}
        training:
          optimizer: {values: [adamw, sgd]}
          weight_decay: {values: [0.1], when: "optimizer == 'adamw'"}
        """
    )

    decays = {
        name: draw(space, replay({"training.optimizer": name})).training.weight_decay
        for name in ("adamw", "sgd")
    }

    assert decays == {"adamw": 0.1, "sgd": 0}


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (
            "optimiser == 'sgd'",
            "unknown setting `optimiser` in a condition; did you mean `optimizer`?",
        ),
        (
            "architecture.stages.dept == 1",
            (
                "unknown setting `architecture.stages.dept` in a condition; "
                "did you mean `architecture.stages.depth`?"
            ),
        ),
        ("stem.width == 1", "unknown setting `stem.width` in a condition"),
        (
            "optimizer == 3",
            "`training.optimizer` is a text, and 3 is a number: they cannot be compared",
        ),
        (
            "3 < optimizer",
            "`training.optimizer` is a text, and 3 is a number: they cannot be compared",
        ),
        (
            "learning_rate in [0.1, 'a']",
            "`training.learning_rate` is a number, and `a` is a text: they cannot be compared",
        ),
        (
            "architecture.head.units > [1]",
            "`architecture.head.units` is a list; lists have no order",
        ),
        ("optimizer == 'sdg'", "`training.optimizer` is never `sdg`; did you mean `sgd`?"),
        ("batch_size > 3", "a condition cannot read its own setting"),
        (
            "architecture.stages.depth > 1",
            "`architecture.stages.depth` is drawn per stage, so this needs `per: stage` too",
        ),
        ("optimizer", "expected a condition such as \"block == 'conv'\", not `optimizer`"),
        (
            "optimizer = 'sgd'",
            (
                "expected a condition such as \"block == 'conv'\", not `optimizer = 'sgd'`; "
                "to compare, write `==`"
            ),
        ),
    ],
)
def test_a_condition_that_cannot_be_right_is_refused(
    condition: str, message: str, refused: Refused
) -> None:
    text = f"""\
        architecture: {{stages: {{count: 2, width: 8, depth: {{min: 1, max: 2, per: stage}}}}}}
        training:
          optimizer: {{values: [adamw, sgd]}}
          batch_size: {{values: [8, 16], when: "{condition}"}}
        """

    lines = refused(text)

    assert [line.removeprefix("space.yaml:4:39 training.batch_size ") for line in lines] == [
        message
    ]


def test_a_circle_of_conditions_is_refused(refused: Refused) -> None:
    lines = refused(
        """\
        architecture: {stages: {count: 2, width: 8}}
        training:
          batch_size: {values: [8, 16], when: "weight_decay > 0"}
          weight_decay: {min: 0, max: 1, when: "batch_size == 8"}
        """
    )

    assert len(lines) == 1
    assert "the conditions go in a circle: training.batch_size -> training.weight_decay" in lines[0]


def test_when_needs_a_default(refused: Refused) -> None:
    lines = refused(
        """\
        architecture:
          stages: {count: 2, width: {values: [8, 16], when: "depth == 1"}}
        """
    )

    assert lines == [
        (
            "space.yaml:2:47 architecture.stages.width "
            "when needs a default to fall back on, and this has none"
        )
    ]
