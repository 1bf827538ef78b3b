"""One document from several sources: `extends` and `--set`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.space.conftest import Load, Refused

from cnnsearch.errors import SpaceError
from cnnsearch.space import Override, draw, first_guess, load_space

BASE = """\
name: base
architecture:
  activation: {values: [relu, swish], prior: relu}
  stem: {width: 8}
  stages: {count: 2, width: {values: [8, 16]}}
  head: {dropout: {min: 0, max: 0.5}}
objectives: {val_accuracy: max}
"""


@pytest.fixture
def base(load: Load) -> Path:
    Path("base.yaml").write_text(BASE, encoding="utf-8")
    return Path("base.yaml")


@pytest.mark.usefixtures("base")
def test_this_files_keys_win_and_all_others_are_inherited(load: Load) -> None:
    space = load("extends: base.yaml\narchitecture: {head: {pooling: max}, activation: swish}\n")

    architecture = draw(space, first_guess).architecture
    assert architecture.activation == "swish"
    assert architecture.head.pooling == "max"
    assert architecture.stem is not None
    assert [leaf.path for leaf in space.free] == [
        "architecture.stages.width",
        "architecture.head.dropout",
    ]


@pytest.mark.usefixtures("base")
def test_a_leaf_is_replaced_wholly(load: Load) -> None:
    space = load("extends: base.yaml\narchitecture: {head: {dropout: {values: [0.1, 0.2]}}}\n")

    assert space.document["architecture"]["head"]["dropout"] == {"values": [0.1, 0.2]}


@pytest.mark.usefixtures("base")
def test_the_first_guess_of_an_inherited_leaf_can_be_changed_alone(load: Load) -> None:
    space = load("extends: base.yaml\narchitecture: {activation: {prior: swish}}\n")

    assert draw(space, first_guess).settings["architecture.activation"] == "swish"


@pytest.mark.usefixtures("base")
def test_the_other_form_of_stages_replaces_the_inherited_one(load: Load) -> None:
    space = load("extends: base.yaml\narchitecture: {stages: [{width: 8}]}\n")

    assert len(draw(space, first_guess).architecture.stages) == 1


@pytest.mark.usefixtures("base")
def test_null_takes_an_inherited_stem_away(load: Load) -> None:
    space = load("extends: base.yaml\narchitecture: {stem: null}\n")

    assert draw(space, first_guess).architecture.stem is None


@pytest.mark.usefixtures("base")
@pytest.mark.parametrize(
    ("text", "where", "path"),
    [
        ("architecture:", "2:1", "architecture"),
        ("architecture:\n  stages:", "3:3", "architecture.stages"),
        ("architecture: {head: null}", "2:16", "architecture.head"),
        ("objectives:", "2:1", "objectives"),
    ],
)
def test_an_empty_section_over_an_inherited_one_is_refused_where_it_stands(
    text: str, where: str, path: str, refused: Refused
) -> None:
    assert refused(f"extends: base.yaml\n{text}\n") == [
        f"space.yaml:{where} {path} is empty; leave it out to keep what is inherited"
    ]


@pytest.mark.usefixtures("base")
def test_an_empty_section_of_a_file_between_is_refused_where_it_stands(refused: Refused) -> None:
    Path("middle.yaml").write_text("extends: base.yaml\narchitecture:\n")

    lines = refused("extends: middle.yaml\narchitecture: {activation: relu}\n")

    assert [line.split()[0] for line in lines] == ["middle.yaml:2:1"]


@pytest.mark.usefixtures("base")
def test_an_objective_replaces_the_inherited_one(load: Load) -> None:
    assert load("extends: base.yaml\nobjectives: {val_loss: min}").objectives == {"val_loss": "min"}


@pytest.mark.usefixtures("base")
def test_a_name_is_not_inherited(load: Load) -> None:
    assert load("extends: base.yaml\n").name == "space"


@pytest.mark.usefixtures("base")
def test_the_resolved_document_extends_nothing(load: Load) -> None:
    assert "extends" not in load("extends: base.yaml\n").document


def test_a_shipped_space_can_be_extended(load: Load) -> None:
    space = load("extends: default\ntraining: {epochs: 2}\n")

    assert draw(space, first_guess).training.epochs == 2


def test_extends_is_relative_to_its_own_file(load: Load) -> None:
    folder = Path("inner")
    folder.mkdir()
    (folder / "base.yaml").write_text(BASE)
    (folder / "middle.yaml").write_text("extends: base.yaml\n")

    assert load("extends: inner/middle.yaml\n").free


def test_a_fault_in_the_base_names_the_base(refused: Refused) -> None:
    Path("base.yaml").write_text(BASE.replace("swish", "swsh"))

    lines = refused("extends: base.yaml\ntrainin: 3\n")

    assert [line.split()[0] for line in lines] == ["space.yaml:2:1", "base.yaml:3:31"]


def test_broken_yaml_in_the_base_names_the_base(refused: Refused) -> None:
    Path("base.yaml").write_text("a: [")

    assert refused("extends: base.yaml\n")[0].startswith("base.yaml:1:5 the text ends")


def test_a_circle_is_refused_with_its_links(refused: Refused) -> None:
    Path("a.yaml").write_text("extends: b.yaml\n")
    Path("b.yaml").write_text("extends: a.yaml\n")

    assert refused("extends: a.yaml\n") == [
        "b.yaml:1:10 extends goes in a circle: a.yaml -> b.yaml -> a.yaml"
    ]


def test_a_file_that_extends_itself_is_refused(refused: Refused) -> None:
    assert refused("extends: space.yaml\n") == [
        "space.yaml:1:10 extends goes in a circle: space.yaml -> space.yaml"
    ]


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        ("resnt", "no search space `resnt`, shipped or beside this file; did you mean `resnet`?"),
        ("3", "expected the name of a shipped search space or the path of a file"),
        ("''", "expected the name of a shipped search space or the path of a file"),
    ],
)
def test_a_missing_base_is_refused(extends: str, message: str, refused: Refused) -> None:
    assert refused(f"extends: {extends}\n") == [f"space.yaml:1:10 extends {message}"]


def test_without_its_base_a_file_is_checked_as_far_as_it_goes(refused: Refused) -> None:
    lines = refused(
        """\
        extends: resnt
        architecture:
          stem: {kernel_size: 3}
          stages: {widht: 3, width: {min: 5, max: 2}, dropout: {prior: 0.1}}
          head: {dropout: {prior: 4}}
        trainin: 3
        training: {learning_rate: {values: [a]}, weight_decay: {when: "depth == 1"}}
        """,
        "architecture.stages.1.width=3",
        "budget.trials=0",
    )

    assert [line.split()[:2] for line in lines] == [
        ["space.yaml:1:10", "extends"],
        ["space.yaml:4:12", "architecture.stages.widht"],
        ["space.yaml:4:29", "architecture.stages.width"],
        ["space.yaml:5:27", "architecture.head.dropout"],
        ["space.yaml:6:1", "trainin"],
        ["space.yaml:7:37", "training.learning_rate"],
        ["--set", "budget.trials"],
    ]


def test_what_no_base_could_give_is_missing_without_it_too(refused: Refused) -> None:
    lines = refused("extends: resnt\narchitecture: {stages: [{depth: 1}]}\n")

    assert lines[1:] == ["space.yaml:2:25 architecture.stages.0.width is missing"]


def test_the_closest_file_beside_it_is_suggested(refused: Refused) -> None:
    Path("mynet.yaml").write_text(BASE)

    assert refused("extends: mynett.yaml\n")[0].endswith("did you mean `mynet.yaml`?")


def test_an_override_sets_one_value(load: Load) -> None:
    space = load(BASE, "architecture.head.dropout=0.2", "budget.time=90s")

    assert draw(space, first_guess).architecture.head.dropout == 0.2
    assert space.budget.time_s == 90


def test_an_override_makes_the_sections_on_its_way(load: Load) -> None:
    assert load(BASE, "training.epochs=3").document["training"] == {"epochs": 3}


def test_an_override_may_be_a_leaf(load: Load) -> None:
    space = load(BASE, "training.batch_size={values: [8, 16]}")

    assert "training.batch_size" in [leaf.path for leaf in space.free]


def test_an_override_reaches_into_a_leaf(load: Load) -> None:
    space = load(BASE, "architecture.head.dropout.max=0.1")

    assert space.document["architecture"]["head"]["dropout"] == {"min": 0, "max": 0.1}


def test_an_override_reaches_a_row_of_the_long_form(load: Load) -> None:
    space = load(
        "architecture: {stages: [{width: 8}, {width: 8}]}", "architecture.stages.1.width=9"
    )

    assert draw(space, first_guess).architecture.stages[1].blocks[0].width == 9


def test_the_last_override_wins(load: Load) -> None:
    assert load(BASE, "search.seed=2", "search.seed=3").search.seed == 3


def test_an_override_mends_what_is_wrong_in_the_file(load: Load) -> None:
    assert load(BASE + "search: {seed: x}", "search.seed=3").search.seed == 3


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("epochs", "--set expected `path.to.setting=value`, not `epochs`"),
        (
            "extends=vgg",
            "--set extends cannot be set; name the search space itself: `cnnsearch run NAME`",
        ),
        (
            "architecture.stages=",
            ("--set architecture.stages is empty; leave it out to keep what is inherited"),
        ),
        ("=3", "--set expected `path.to.setting=value`, not `=3`"),
        ("a..b=3", "--set expected `path.to.setting=value`, not `a..b=3`"),
        ("training.epoch=3", "--set training.epoch unknown setting; did you mean `epochs`?"),
        ("training.batch_size=", "--set training.batch_size is empty; expected a whole number"),
        (
            "training.epochs=!!int 3",
            "--set training.epochs tags such as `!!python` are not allowed",
        ),
        (
            "architecture.head.dropout.mim=0",
            "--set architecture.head.dropout unknown key `mim`; did you mean `min`?",
        ),
    ],
)
def test_a_wrong_override_is_refused(override: str, problem: str, refused: Refused) -> None:
    assert refused(BASE, override) == [problem]


def test_wrong_overrides_come_with_the_faults_of_the_file_under_their_options(
    refused: Refused,
) -> None:
    lines = refused(
        BASE + "trainin: 3\n", "epochs", Override("budget.time=banana", "--budget"), "foo=1"
    )

    assert lines == [
        "space.yaml:8:1 trainin unknown section; did you mean `training`?",
        "--budget budget.time expected a time such as 90s, 10m or 1h30m, not `banana`",
        "--set expected `path.to.setting=value`, not `epochs`",
        "--set foo unknown section",
    ]


def test_where_only_options_are_wrong_the_message_says_so() -> None:
    with pytest.raises(SpaceError) as caught:
        load_space("default", [Override("search.seed=-1", "--seed")])

    assert str(caught.value) == (
        "the options do not fit the search space default\n"
        "  --seed  search.seed  must be at least 0, not -1"
    )


@pytest.mark.parametrize("index", ["2", "-1", "x"])
def test_a_row_that_is_not_there_is_refused(index: str, refused: Refused) -> None:
    rows = "architecture: {stages: [{width: 8}, {width: 8}]}"

    assert refused(rows, f"architecture.stages.{index}.width=9") == [
        f"--set architecture.stages.{index} expected a number from 0 to 1, not `{index}`"
    ]


def test_a_file_goes_before_a_shipped_space_of_its_name(load: Load) -> None:
    load(BASE)
    Path("default").write_text(BASE)

    assert load_space("default").name == "base"
