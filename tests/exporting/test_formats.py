"""What may be exported is told by name, and what is missing is told before anything is trained."""

from __future__ import annotations

import pytest

from cnnsearch.errors import UsageError
from cnnsearch.exporting import formats as formats_module
from cnnsearch.exporting.formats import (
    FORMATS,
    FURTHER_S,
    format_files,
    parse_formats,
    refuse_missing_extras,
)


def test_formats_are_read_with_commas_and_spaces_and_without_doubles() -> None:
    assert parse_formats(["onnx, keras", "keras", "tflite,"]) == ["onnx", "keras", "tflite"]


def test_an_unknown_format_is_told_with_the_closest_one() -> None:
    with pytest.raises(UsageError) as caught:
        parse_formats(["keras,savedmodle"])

    assert str(caught.value) == (
        "there is no format `savedmodle`; did you mean `savedmodel`?\n"
        "expected some of savedmodel, keras, tflite, onnx, with commas between"
    )


def test_no_format_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="names no format"):
        parse_formats([" ,"])


def test_tflite_is_three_files() -> None:
    names = [file.name for file in format_files(["tflite"])]

    assert names == ["model.tflite", "model-float16.tflite", "model-int8.tflite"]
    assert set(FURTHER_S) < set(FORMATS)


def test_a_missing_extra_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats_module, "find_spec", lambda name: None if "onnx" in name else name)

    refuse_missing_extras(["savedmodel", "keras", "tflite"])
    with pytest.raises(UsageError, match=r"pip install -e .*\[onnx\]'$"):
        refuse_missing_extras(["keras", "onnx"])
