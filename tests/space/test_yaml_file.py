"""Safe, bounded YAML: what is read, and what is refused with its place."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.errors import SpaceError
from cnnsearch.space.yaml_file import parse_yaml, read_yaml
from cnnsearch.space.yaml_text import yaml_text


def problem(data: bytes, folder: Path) -> str:
    file = folder / "x.yaml"
    file.write_bytes(data)
    with pytest.raises(SpaceError) as caught:
        read_yaml(file, "x.yaml")
    return "; ".join(f"{each.where} {each.message}" for each in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("1.", 1.0),
        (".5", 0.5),
        ("-3", -3),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", 17),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("none", "none"),
        ("no", "no"),
        ("off", "off"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("'3'", "3"),
        ("1e999", "1e999"),
        ("500k", "500k"),
        ("-.inf", float("-inf")),
        ("[]", []),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    read, _ = parse_yaml(text, "x")

    assert (read, type(read)) == (value, type(value))


def test_every_value_knows_its_place() -> None:
    _, written = parse_yaml("a:\n  b: [1, 22]\n", "x.yaml")

    assert str(written["a", "b"].key) == "x.yaml:2:3"
    assert str(written["a", "b"].value) == "x.yaml:2:6"
    assert str(written["a", "b", 1].value) == "x.yaml:2:10"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.yaml:1:1 the file is empty"),
        (b"# nothing\n", "x.yaml:1:1 the file is empty"),
        (b"\n- 1\n", "x.yaml:2:1 expected a mapping of sections (`name: ...`)"),
        (b"a: 1\n---\nb: 2\n", "x.yaml:2:1 more than one YAML document; keep one to a file"),
        (b"a: 1\nb: \xff\n", "x.yaml:2:4 not UTF-8 text; save it as UTF-8"),
        ("a: 1\nb\x00: 2".encode("utf-16"), "x.yaml:1:1 not UTF-8 text; save it as UTF-8"),
        (b"a: 1\nb: \x07\n", "x.yaml:2:4 a character that YAML does not allow"),
        (b"a: !!python/name:os.system x", "x.yaml:1:4 tags such as `!!python` are not allowed"),
        (b"a: !x [1]", "x.yaml:1:4 tags such as `!!python` are not allowed"),
        (b"a: 1\nb: 2\na: 3\n", "x.yaml:3:1 `a` is given twice"),
        (b"a: {b: 1, b: 1}\na: 2", "x.yaml:1:11 `b` is given twice; x.yaml:2:1 `a` is given twice"),
        (b"a: &x [*x]", "x.yaml:1:4 an alias that contains itself"),
        (b"? [1]\n: 2\n", "x.yaml:1:3 a key must be a word"),
        (b"a: " + b"9" * 400, "x.yaml:1:4 a number of 400 characters is too long"),
        (b"a: " + b"[" * 60 + b"]" * 60, "x.yaml:1:53 nested deeper than 50 levels"),
        (b"a: [" + b"1," * 50_000 + b"1]", "x.yaml:1:79999 more than 20,000 values"),
        (b"a: " + b"x" * 2**20, "x.yaml larger than 1 MiB; a search space is a short text"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_place(
    data: bytes, message: str, tmp_path: Path
) -> None:
    assert problem(data, tmp_path) == message


def test_a_bomb_of_aliases_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]

    text = problem("\n".join(lines).encode(), tmp_path)

    assert text.endswith("more than 20,000 values once aliases are written out")


def test_a_deep_chain_of_aliases_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 60))]

    assert problem("\n".join(lines).encode(), tmp_path).endswith("nested deeper than 50 levels")


def test_a_small_alias_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: &w [1, 2]\nb: *w\n")

    assert read_yaml(tmp_path / "x.yaml", "x").content == {"a": [1, 2], "b": [1, 2]}


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")

    assert read_yaml(tmp_path / "x.yaml", "x").content == {"a": 1, "b": 2}


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words
plain_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)
)


@given(st.dictionaries(words, plain_values, max_size=4))
def test_what_is_written_as_yaml_is_read_as_the_same(content: dict[str, object]) -> None:
    read, _ = parse_yaml(yaml_text(content), "x")

    assert read == content


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*!,#'\"|>?%@ \n\t1", max_size=60))
def test_any_text_is_read_or_refused_and_nothing_else(data: bytes | str) -> None:
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    with suppress(SpaceError):
        parse_yaml(text, "x")
