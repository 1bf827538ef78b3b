"""A search space that is wrong: every fault, where it is and what to do, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.space.conftest import Refused

from cnnsearch.errors import SpaceError
from cnnsearch.space import load_space, shipped_spaces

SHIPPED = dict.fromkeys(  # a folder of them is one word
    name.partition("/")[0] + "/..." * ("/" in name) for name in shipped_spaces()
)
STAGES = "architecture: {stages: {count: 2, width: 16}}\n"  # so that the faults begin on line 2


def test_all_faults_come_at_once_in_the_order_of_the_file(refused: Refused) -> None:
    lines = refused(
        """\
        name: small
        architecture:
          stages:
            depth: {min: 4, max: 2}
            count: two
          widht: 3
        training: {epochs: {values: [1, 2]}}
        """,
        "training.batch_size=big",
    )

    assert lines == [
        "space.yaml:3:3 architecture.stages.width is missing",
        "space.yaml:4:12 architecture.stages.depth max must be at least min (2 < 4)",
        "space.yaml:5:12 architecture.stages.count expected a whole number, not `two`",
        (
            "space.yaml:6:3 architecture.widht unknown setting; "
            "did you mean `architecture.stages.width`?"
        ),
        "space.yaml:7:20 training.epochs cannot be searched; give one value",
        "--set training.batch_size expected a whole number, not `big`",
    ]


def test_nothing_is_missing_in_what_is_no_mapping(refused: Refused) -> None:
    lines = refused("architecture:\n  - stages: {width: 8}\n")

    assert [line.partition(" expected")[0] for line in lines] == ["space.yaml:2:3 architecture"]


def test_the_message_is_a_table_under_the_name_of_the_file(refused: Refused) -> None:
    refused("name: x\n")

    with pytest.raises(SpaceError) as caught:
        load_space("space.yaml")

    assert str(caught.value) == (
        "space.yaml is not a valid search space\n"
        "  space.yaml:1:1  architecture.stages  is missing; it says what the network is made of"
    )


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ("deploy: {}", "2:1 deploy unknown section"),
        ("trainig: {}", "2:1 trainig unknown section; did you mean `training`?"),
        ("epochs: 3", "2:1 epochs unknown section; did you mean `training.epochs`?"),
        ("stages: 3", "2:1 stages unknown section; did you mean `architecture.stages`?"),
        ("training: 3", "2:11 training expected a mapping of settings, not 3"),
        ("training: [1]", "2:11 training expected a mapping of settings, not [1]"),
        (
            "training: {learning_rat: 1}",
            "2:12 training.learning_rat unknown setting; did you mean `learning_rate`?",
        ),
        ("name: 3", "2:7 name expected a text, not 3"),
        ("name: ''", "2:7 name must not be empty"),
        ("data: {source: 3}", "2:16 data.source expected a text, not 3"),
        ("data: {validation: 1}", "2:20 data.validation must be less than 1, not 1"),
        ("data: {validation: .nan}", "2:20 data.validation expected a number, not .nan"),
        ("data: {image_size: 2}", "2:20 data.image_size must be at least 4, not 2"),
        (
            "data: {augmentation: {flip: sideways}}",
            (
                "2:29 data.augmentation.flip expected one of `none`, `horizontal`, `vertical`, "
                "`both`, not `sideways`"
            ),
        ),
        (
            "objectives: {val_accuracy: min}",
            "2:28 objectives.val_accuracy expected `max`, not `min`",
        ),
        (
            "objectives: {val_accuracy: max, val_loss: min}",
            "2:13 objectives give exactly one: `val_accuracy` or `val_loss`",
        ),
        (
            "objectives: {macs: min}",
            "2:13 objectives give exactly one: `val_accuracy` or `val_loss`",
        ),
        (
            "objectives: {val_loss: min, macs: max}",
            "2:35 objectives.macs expected `min`, not `max`",
        ),
        (
            "objectives: {val_accuracy: max, latencies: min}",
            "2:33 objectives.latencies unknown setting; did you mean `latency`?",
        ),
        (
            "objectives: {val_acuracy: max}",
            "2:14 objectives.val_acuracy unknown setting; did you mean `val_accuracy`?",
        ),
        (
            "constraints: {speed: 3}",
            (
                "2:15 constraints.speed unknown setting; there are `parameters`, `macs`, `flops`, "
                "`layers`, `receptive_field`, `download_size`, `activation_memory`, "
                "`training_memory`, `latency`, `latency_batch64`"
            ),
        ),
        (
            'constraints: {latency: "<= 5"}',
            '2:24 constraints.latency expected a limit such as "<= 5ms" or 5ms, not `<= 5`',
        ),
        (
            "constraints: {latency: 5}",
            '2:24 constraints.latency expected a limit such as "<= 5ms" or 5ms, not 5',
        ),
        (
            'constraints: {latency_batch64: [">= 2s", "< 30ms"]}',
            "2:32 constraints.latency_batch64 nothing can be >= 2 s and < 30 ms",
        ),
        (
            "constraints: {latency: == 5ms}",
            (
                "2:24 constraints.latency no measured time is exactly so; "
                "give `<=`, `<`, `>=` or `>`"
            ),
        ),
        (
            "search: {algorithm: evolutoin}",
            (
                "2:21 search.algorithm expected one of `evolution`, `random`, `quasi_random`, "
                "`grid`, `local`, `tpe`, `nsga2`, not `evolutoin`; "
                "did you mean `evolution`?"
            ),
        ),
        ("search: {seed: -1}", "2:16 search.seed must be at least 0, not -1"),
        ("search: {seed: true}", "2:16 search.seed expected a whole number, not true"),
        (
            "budget: {time: 0}",
            "2:16 budget.time no time is left to search; give more than 0, such as 10m",
        ),
        (
            "budget: {time: -3}",
            "2:16 budget.time no time is left to search; give more than 0, such as 10m",
        ),
        (
            "budget: {time: 10 minutes}",
            "2:16 budget.time expected a time such as 90s, 10m or 1h30m, not `10 minutes`",
        ),
        ("budget: {trials: 0}", "2:18 budget.trials no trial is left to search; give 1 or more"),
        ("budget: {target: 0}", "2:18 budget.target must be more than 0, not 0"),
        (
            "budget: {target: 95}",
            "2:18 budget.target no accuracy is more than 1, not 95; give 0.95 or 95%",
        ),
        (
            "budget: {target: high}",
            "2:18 budget.target expected a share such as 20% or 0.2, not `high`",
        ),
        (
            "budget: {patience: 0s}",
            "2:20 budget.patience every search would end at once; give more than 0, such as 20m",
        ),
        ("patience: 3m", "2:1 patience unknown section; did you mean `budget.patience`?"),
        ("budget: {reserve: 95%}", "2:19 budget.reserve must be at most 0.9, not `95%`"),
        ("export: {formats: []}", "2:19 export.formats must not be empty"),
        (
            "export: {formats: [keras, hdf5]}",
            (
                "2:27 export.formats expected one of `savedmodel`, `keras`, `tflite`, "
                "`onnx`, not `hdf5`"
            ),
        ),
        (
            'constraints: {parameters: "~ 3"}',
            '2:27 constraints.parameters expected a limit such as "<= 500k" or 500k, not `~ 3`',
        ),
        ("constraints: {macs: 0}", "2:21 constraints.macs a limit must be at least 1"),
        (
            'constraints: {macs: [">= 2M", "<= 1M"]}',
            "2:21 constraints.macs nothing can be >= 2M and <= 1M",
        ),
        ('constraints: {macs: "< 1"}', "2:21 constraints.macs nothing can be < 1"),
        (
            "constraints: {receptive_fields: 3}",
            "2:15 constraints.receptive_fields unknown setting; did you mean `receptive_field`?",
        ),
        (
            'constraints: {download_size: "<= 4M"}',
            '2:30 constraints.download_size expected a limit such as "<= 4MB" or 4MB, not `<= 4M`',
        ),
        (
            'constraints: {download_size: "<= 4 mb"}',
            (
                '2:30 constraints.download_size expected a limit such as "<= 4MB" or 4MB, '
                "the unit spelt MB, not `<= 4 mb`"
            ),
        ),
        (
            'constraints: {layers: "less than 5"}',
            '2:23 constraints.layers expected a limit such as "<= 50" or 50, not `less than 5`',
        ),
        (
            'constraints: {parameters: "<= 4MB"}',
            '2:27 constraints.parameters expected a limit such as "<= 500k" or 500k, not `<= 4MB`',
        ),
        (
            'constraints: {training_memory: [">= 2GB", "<= 1GiB"]}',
            "2:32 constraints.training_memory nothing can be >= 2 GB and <= 1.07 GB",
        ),
    ],
)
def test_a_wrong_section_is_refused(section: str, problem: str, refused: Refused) -> None:
    assert refused(STAGES + section) == [f"space.yaml:{problem}"]


@pytest.mark.parametrize(
    ("leaf", "problem"),
    [
        ("dropout: ^1", "dropout must be at most 0.9, not 1"),
        ("dropout: ^yes", "dropout expected a number, not `yes`"),
        ("dropout: ^null", "dropout is empty; expected a number"),
        ("pooling: ^null", "pooling is empty; expected one of `average`, `max`, `flatten`"),
        ("dropout: ^1e999", "dropout expected a number, not `1e999`"),
        ("dropout: ^.inf", "dropout expected a number, not .inf"),
        ("units: ^128", "units expected a list, not 128"),
        ("units: [1, ^0]", "units must be at least 1, not 0"),
        ("units: {values: [[1], [^a]]}", "units expected a whole number, not `a`"),
        ("units: {values: [^1]}", "units expected a list, not 1"),
        (
            "dropout: ^[0.1, 0.2]",
            "dropout a list is no value here; did you mean {values: [0.1, 0.2]}?",
        ),
        ("dropout: ^[0.1, x]", "dropout expected a number, not [0.1, 'x']"),
        (
            "pooling: ^[max, average]",
            "pooling a list is no value here; did you mean {values: [max, average]}?",
        ),
        (
            "dropout: {^choices: [0.1, 0.2]}",
            "dropout unknown key `choices`; did you mean `values`?",
        ),
        (
            "units: ^{min: 1, max: 2}",
            "units cannot be a range; list what it may be: {values: [...]}",
        ),
        (
            "pooling: ^{min: 1, max: 2}",
            "pooling cannot be a range; list what it may be: {values: [...]}",
        ),
        (
            "pooling: {values: [average, ^maxx]}",
            "pooling expected one of `average`, `max`, `flatten`, not `maxx`; did you mean `max`?",
        ),
        ("dropout: ^{}", "dropout expected a value, {values: [...]} or {min: ..., max: ...}"),
        (
            "dropout: {values: ^[]}",
            "dropout values must be a list of one or more, not an empty list",
        ),
        ("dropout: {values: ^0.1}", "dropout values must be a list of one or more, not 0.1"),
        ("dropout: {values: [0, 0.1, ^0]}", "dropout values holds 0 twice"),
        ("dropout: ^{min: 0.1}", "dropout a range needs `max` too"),
        ("dropout: {min: 0.1, max: ^null}", "dropout max is empty; expected a number"),
        ("dropout: {min: ^-1, max: 0.5}", "dropout must be at least 0, not -1"),
        ("dropout: {min: 0, max: 0.5, step: ^0}", "dropout step must be more than 0, not 0"),
        ("dropout: {min: 0, max: 0.5, step: ^x}", "dropout step must be a number, not `x`"),
        (
            "dropout: {min: 0, max: 0.5, step: ^0.2}",
            "dropout step 0.2 goes from 0 to 0.4, not to 0.5",
        ),
        ("dropout: {min: 0, max: 0.5, step: ^2}", "dropout step 2 goes from 0 to 0, not to 0.5"),
        (
            "dropout: {min: ^0, max: 0.5, log: true}",
            "dropout log needs a min of more than 0, not 0",
        ),
        ("dropout: {min: 0.1, max: 0.5, log: ^1}", "dropout log is true or false, not 1"),
        (
            "dropout: {min: 0.1, max: 0.5, log: true, step: ^0.1}",
            "dropout log and step do not go together; leave one out",
        ),
        (
            "dropout: {min: 0, max: 0.5, prior: ^0.6}",
            "dropout prior must be from 0 to 0.5, not 0.6",
        ),
        (
            "dropout: {min: 0, max: 0.4, step: 0.2, prior: ^0.3}",
            "dropout prior must be from 0 to 0.4 in steps of 0.2, not 0.3",
        ),
        (
            "dropout: {values: [0, 0.1], prior: ^0.2}",
            "dropout prior must be one of 0, 0.1, not 0.2",
        ),
        ("dropout: {values: [0, 0.1], prior: ^a}", "dropout expected a number, not `a`"),
        (
            "dropout: {values: [0, 0.1], ^step: 0.1}",
            "dropout `step` and `values` do not go together",
        ),
        (
            "dropout: {values: [0, 0.1], ^pior: 0}",
            "dropout unknown key `pior`; did you mean `prior`?",
        ),
        (
            "dropout: {values: [0, 0.1], ^per: stage}",
            "dropout per is only for settings that stages repeat; leave it out",
        ),
        (
            "dropout: {values: [0, 0.1], when: ^3}",
            "dropout when is a text such as \"block == 'conv'\", not 3",
        ),
    ],
)
def test_a_wrong_leaf_is_refused(leaf: str, problem: str, refused: Refused) -> None:
    line = f"  head: {{{leaf}}}"
    text = f"architecture:\n{line.replace('^', '')}\n  stages: {{count: 2, width: 16}}\n"

    assert refused(text) == [f"space.yaml:2:{line.index('^') + 1} architecture.head.{problem}"]


@pytest.mark.parametrize(
    ("stages", "problem"),
    [
        ("3", "2:11 architecture.stages expected a mapping or a list of rows, not 3"),
        ("[]", "2:11 architecture.stages is missing; it says what the network is made of"),
        ("[3]", "2:12 architecture.stages.0 expected a mapping of settings, not 3"),
        ("[{depth: 1}]", "2:12 architecture.stages.0.width is missing"),
        (
            "[{width: 8, count: 2}]",
            (
                "2:23 architecture.stages.0.count unknown setting; "
                "did you mean `architecture.stages.count`?"
            ),
        ),
        (
            "[{width: 8, pooling: stride}]",
            (
                "2:32 architecture.stages.0.pooling `stride` is taken by the next stage, "
                "and this is the last"
            ),
        ),
        (
            "[{width: 8, kernel_size: {values: [3, 5], per: model}}]",
            "2:58 architecture.stages.0.kernel_size per is `stage` or `block` here, not `model`",
        ),
        (
            "{count: 2, width: 8, depth: {min: 1, max: 2, per: block}}",
            "2:61 architecture.stages.depth per is `model` or `stage` here, not `block`",
        ),
        (
            "{count: 2, width: 8, block: residal}",
            (
                "2:39 architecture.stages.block expected one of `conv`, `separable`, "
                "`residual`, `bottleneck`, `preactivation_residual`, `preactivation_bottleneck`, "
                "`mbconv`, `fused_mbconv`, `dense`, `convnext`, `self_attention`, "
                "not `residal`; did you mean `residual`?"
            ),
        ),
        (
            "{count: 2, width: 8, kernel_size: {min: 1.5, max: 3}}",
            "2:51 architecture.stages.kernel_size expected a whole number, not 1.5",
        ),
        (
            "{count: 2, width: 8, kernel_size: {min: 1, max: 3, step: 0.5}}",
            "2:68 architecture.stages.kernel_size step must be a whole number, not 0.5",
        ),
        (
            "{count: 2, width: 8, kernel_size: 3.0}",
            "2:45 architecture.stages.kernel_size expected a whole number, not 3.0",
        ),
        (
            "{count: 2, width: 8, padding: [1]}",
            (
                "2:41 architecture.stages.padding expected `same`, `valid` or a number of "
                "pixels, not [1]"
            ),
        ),
        (
            "{count: 2, width: 8, padding: vallid}",
            (
                "2:41 architecture.stages.padding expected `same`, `valid` or a number of "
                "pixels, not `vallid`"
            ),
        ),
        (
            "{count: 2, width: 8, expansion: 4}",
            (
                "2:32 architecture.stages.expansion means something only with `block` "
                "`bottleneck`, `preactivation_bottleneck`, `mbconv`, `fused_mbconv`, `dense`, "
                "`convnext`, `self_attention`; here it is `conv`"
            ),
        ),
        (
            "[{width: 8}, {width: 8, block: {values: [conv, residual]}, stride_in: first}]",
            (
                "2:70 architecture.stages.1.stride_in means something only with `block` "
                "`bottleneck`, `preactivation_bottleneck`; here it is `conv`, `residual`"
            ),
        ),
        (
            "[{width: 8, pooling_size: 3}]",
            (
                "2:23 architecture.stages.0.pooling_size means something only with `pooling` "
                "`max`, `average`, `blur`; here it is `none`"
            ),
        ),
        (
            "{count: 2, width: 8, attention: cbam}",
            (
                "2:32 architecture.stages.attention means something only with `squeeze_ratio` "
                "other than 0; here it is 0"
            ),
        ),
    ],
)
def test_wrong_stages_are_refused(stages: str, problem: str, refused: Refused) -> None:
    assert refused(f"architecture:\n  stages: {stages}\n") == [f"space.yaml:{problem}"]


def test_what_is_not_built_yet_is_refused(refused: Refused) -> None:
    lines = refused(
        """\
        architecture:
          stages: {count: 2, width: 8, block: transformer}
        search: {algorithm: hyperband}
        export: {formats: [pytorch]}
        """
    )

    assert len(lines) == 3


def test_a_space_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(SpaceError) as caught:
        load_space("defalt")

    assert str(caught.value) == (
        f"there is no search space defalt; shipped ones: {', '.join(SHIPPED)}; "
        "or give the path of a YAML file; did you mean `default`?"
    )


def test_a_file_that_is_not_there_is_answered_with_the_closest(tmp_path: Path) -> None:
    (tmp_path / "mynet.yaml").touch()

    with pytest.raises(SpaceError, match=r"there is no file .*did you mean `.*mynet.yaml`\?"):
        load_space(tmp_path / "mynt.yaml")


@pytest.mark.parametrize("name", ["s.yaml", "i.yml", "my holiday.yaml"])
def test_a_file_that_shares_only_folder_and_suffix_is_not_suggested(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "a.yaml").touch()

    with pytest.raises(SpaceError) as caught:
        load_space(tmp_path / name)

    assert "did you mean" not in str(caught.value)


def test_a_folder_of_spaces_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mynet.yaml").touch()

    with pytest.raises(SpaceError, match="is a folder; name a YAML file in it"):
        load_space(tmp_path)


def test_a_folder_of_images_is_refused_with_the_option_that_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my photos").mkdir()

    with pytest.raises(SpaceError) as caught:
        load_space("my photos")

    assert str(caught.value) == (
        "my photos is a folder; a search space is a YAML file, and images are named by "
        "--data 'my photos'"
    )


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.symlink_to("x.yaml")

    with pytest.raises(SpaceError, match=r"there is no file|cannot be read"):
        load_space(file)


def test_a_name_longer_than_any_file_is_refused(refused: Refused) -> None:
    with pytest.raises(SpaceError, match=r"there is no search space x+\.\.\.; "):
        load_space("x" * 5_000)

    assert "no search space `xxx" in refused(f"extends: {'x' * 5_000}")[0]
