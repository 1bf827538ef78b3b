"""What a network can be written as: the formats, their files and what they need. Quick to load."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from cnnsearch.errors import MissingExtraError, UsageError
from cnnsearch.space.spelling import did_you_mean

EXACT = 1e-5  # largest difference of a probability that Keras and TensorFlow may make
CLOSE = 1e-4  # and other runtimes, which add up in another order


@dataclass(frozen=True)
class FormatFile:
    """One file, or folder, that holds the whole network."""

    format: str
    name: str
    tolerance: float | None  # largest difference of a probability; None: measured, and told
    precision: str = "float32"


FORMAT_FILES = (
    FormatFile("savedmodel", "saved_model", EXACT),
    FormatFile("keras", "model.keras", EXACT),
    FormatFile("tflite", "model.tflite", CLOSE),
    FormatFile("tflite", "model-float16.tflite", None, "float16"),
    FormatFile("tflite", "model-int8.tflite", None, "int8"),
    FormatFile("onnx", "model.onnx", CLOSE),
)
FORMATS = tuple(dict.fromkeys(file.format for file in FORMAT_FILES))
ONNX_MODULES = ("onnx", "onnxruntime", "tf2onnx")
# What these take more than the other two to write and prove, in seconds, for a network of a few
# dozen layers on two cores.
FURTHER_S = {"tflite": 5.0, "onnx": 4.0}


def format_files(formats: Iterable[str]) -> list[FormatFile]:
    """Return the files of these formats, in the order of `FORMATS`."""
    wanted = set(formats)
    return [file for file in FORMAT_FILES if file.format in wanted]


def are_scored(formats: Iterable[str]) -> bool:
    """Tell whether one of these is scored on labelled images: whole numbers lose accuracy."""
    return any(file.precision == "int8" for file in format_files(formats))


def parse_formats(texts: Sequence[str]) -> list[str]:
    """Return the formats that `savedmodel,onnx` and the like name, without doubles.

    Raises:
        UsageError: One of them is unknown.
    """
    words = [word.strip() for text in texts for word in text.split(",") if word.strip()]
    for word in words:
        if word not in FORMATS:
            raise UsageError(
                f"there is no format `{word}`{did_you_mean(word, FORMATS)}\n"
                f"expected some of {', '.join(FORMATS)}, with commas between"
            )
    if not words:
        raise UsageError(f"--format names no format; expected some of {', '.join(FORMATS)}")
    return list(dict.fromkeys(words))


def refuse_missing_extras(formats: Iterable[str]) -> None:
    """Refuse a format whose libraries are not installed: found before anything is trained.

    Raises:
        MissingExtraError: It names the extra that is to be installed.
    """
    missing = [name for name in ONNX_MODULES if find_spec(name) is None]
    if "onnx" in formats and missing:
        raise MissingExtraError(
            f"the format onnx needs the extra `onnx` ({', '.join(missing)} not installed); "
            "without it, leave the format out",
            "onnx",
        )
