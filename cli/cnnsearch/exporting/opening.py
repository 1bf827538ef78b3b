"""An exported model, opened to predict: from uint8 images to probabilities, in any format."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.errors import ModelError, UsageError
from cnnsearch.exporting.finding import ModelFile
from cnnsearch.stderr import quiet_tensorflow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

BATCH_BYTES = 1 << 24  # of the images that a model is given at once
BATCH_IMAGES = 256  # at most
SIGNATURE = "serving_default"
PROBABILITIES = "probabilities"  # the output's name, where outputs have names


@dataclass(frozen=True)
class Interface:
    """What a file of some format takes and gives, and the function that does it."""

    takes: tuple[int | None, ...]  # shape of a batch; None: any length
    dtype: str
    gives: tuple[int | None, ...]
    predict: Predict  # of one batch


@dataclass(frozen=True)
class OpenModel:
    """A model that predicts."""

    file: ModelFile
    shape: tuple[int, int, int]  # height, width, channels of its images
    _predict: Predict

    @property
    def labels(self) -> tuple[str, ...]:
        return self.file.labels

    @property
    def batch_images(self) -> int:
        """How many images to give it at once."""
        height, width, channels = self.shape
        return max(1, min(BATCH_IMAGES, BATCH_BYTES // (height * width * channels)))

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return probabilities `(images, classes)` of uint8 images of the model's shape."""
        import numpy as np

        starts = range(0, len(images), self.batch_images)
        found = [self._predict(images[start : start + self.batch_images]) for start in starts]
        return np.concatenate([np.empty((0, len(self.labels)), np.float32), *found])


def open_model(file: ModelFile) -> OpenModel:
    """Load the model, and make sure that it is one of ours by what it takes and gives.

    Raises:
        ModelError: It cannot be loaded, or takes something else than uint8 images, or has another
            number of outputs than labels.
    """
    import numpy as np

    opener = OPENERS.get(file.format)
    if opener is None:
        raise ModelError(
            f"{file.path}: {file.format} cannot be opened; give {' or '.join(OPENERS)}"
        )
    try:
        with quiet_tensorflow():
            found = opener(file.path)
            model = OpenModel(file, _image_shape(file, found), found.predict)
            # TFLite tells with its first prediction what it computes with.
            model.predict(np.zeros((1, *model.shape), np.uint8))
    except UsageError:
        raise
    except Exception as error:  # loaders of damaged files raise nearly anything
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"{file.path} cannot be loaded: {reason}\n"
            "put it back from a copy; of a run's model, `cnnsearch export` writes it anew"
        ) from error
    return model


def _image_shape(file: ModelFile, found: Interface) -> tuple[int, int, int]:
    """Return height, width and channels; refuse a model that no run has exported."""
    batch = found.takes
    if len(found.gives) != 2 or found.gives[1] != len(file.labels):
        raise ModelError(
            f"{file.path} gives {_text(found.gives)} and labels.txt beside it has "
            f"{len(file.labels)} names; expected (batch, {len(file.labels)})"
        )
    if len(batch) == 4 and found.dtype == "uint8":
        height, width, channels = batch[1:]
        if height and width and channels in (1, 3):
            return height, width, channels
    raise ModelError(
        f"{file.path} takes {found.dtype} of shape {_text(batch)}; expected uint8 images "
        "(batch, height, width, 1 or 3), as models have that `cnnsearch` exports"
    )


def _text(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join('any' if length is None else str(length) for length in shape)})"


def _open_saved_model(path: Path) -> Interface:
    import tensorflow as tf

    serve = tf.saved_model.load(path).signatures.get(SIGNATURE)
    if serve is None:
        raise ModelError(f"{path} has no signature {SIGNATURE}; expected one, of images")
    taken = list(serve.structured_input_signature[1].values())
    if len(taken) != 1:
        raise ModelError(f"{path} takes {len(taken)} inputs; expected one, of images")
    (image,) = taken
    name = _output(path, serve.structured_outputs)

    def predict(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = serve(**{image.name: tf.constant(images)})[name].numpy()
        return found

    gives = tuple(serve.structured_outputs[name].shape.as_list())
    return Interface(tuple(image.shape.as_list()), image.dtype.name, gives, predict)


def _output(path: Path, outputs: Mapping[str, Any]) -> str:
    """Return the name of the output with the probabilities."""
    if PROBABILITIES in outputs:
        return PROBABILITIES
    if len(outputs) > 1:
        raise ModelError(f"{path} gives {', '.join(outputs)}; expected `{PROBABILITIES}`")
    return next(iter(outputs))


def _open_keras(path: Path) -> Interface:
    import keras
    import numpy as np

    if not zipfile.is_zipfile(path):  # of which Keras says that it is not found
        raise ValueError("the file is damaged: its end is missing, or it is no .keras file")
    model = keras.models.load_model(path, compile=False)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelError(f"{path} has several inputs or outputs; expected one of each")

    def predict(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(model(images, training=False))

    (image,) = model.inputs
    return Interface(tuple(image.shape), str(image.dtype), tuple(model.output_shape), predict)


def _open_tflite(path: Path) -> Interface:
    import tensorflow as tf

    from cnnsearch.exporting import proof

    kind = tf.lite.experimental.OpResolverType.AUTO
    interpreter = proof.open_interpreter(str(path), kind)
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    takes, gives = (_lengths(each["shape_signature"]) for each in (taken, given))
    predict = proof.loader(path.name)(str(path))
    return Interface(takes, taken["dtype"].__name__, gives, predict)


def _lengths(shape: Any) -> tuple[int | None, ...]:
    return tuple(None if length < 0 else int(length) for length in shape)


def _open_onnx(path: Path) -> Interface:
    from cnnsearch.exporting.formats import refuse_missing_extras

    refuse_missing_extras(["onnx"])
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (taken,), (given, *_) = session.get_inputs(), session.get_outputs()

    def predict(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = session.run([given.name], {taken.name: images})[0]
        return found

    takes, gives = (
        tuple(length if isinstance(length, int) else None for length in each.shape)
        for each in (taken, given)
    )
    return Interface(takes, taken.type.removeprefix("tensor(").removesuffix(")"), gives, predict)


# How each format is opened; a new one needs a function from its path to its interface.
OPENERS: Mapping[str, Callable[[Path], Interface]] = {
    "savedmodel": _open_saved_model,
    "keras": _open_keras,
    "tflite": _open_tflite,
    "onnx": _open_onnx,
}
