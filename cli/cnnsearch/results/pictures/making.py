"""Which test images are shown, and as what files."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnsearch.errors import DataError
from cnnsearch.records.folder import RunFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnsearch.data import Dataset
    from cnnsearch.records.test_split import TestPredictions

MOST_MISTAKES = 12
MOST_EACH = 3  # images whose attention is shown, of those right and of those wrong
SMALL = 64  # pixels a side, up to which an image is kept as it is
LARGEST = 160  # pixels a side of the others
HEAT = (230, 97, 0)  # orange, which stands out from grey and from blue for every eye


@dataclass
class Made:
    """Pictures with what they show; each file is a dictionary of `name` and `content`."""

    mistakes: list[dict[str, Any]] = field(default_factory=list)
    attention: list[dict[str, Any]] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)


def make(folder: RunFolder, evaluation: dict[str, Any]) -> Made:
    """Make all pictures.

    Raises:
        CnnsearchError: The dataset cannot be opened, or is not what the run was tested on.
    """
    from cnnsearch.records.test_split import read_test_predictions

    predictions = read_test_predictions(folder)
    dataset = _open(folder, predictions)
    made = Made()
    for number, mistake in enumerate(evaluation["mistakes"][:MOST_MISTAKES]):
        image = dataset.x_test[mistake["index"]]
        made.mistakes.append({**mistake, "image": _file(f"mistake-{number:02d}", image)})
    _add_attention(folder, dataset, predictions, made)
    return made


def _open(folder: RunFolder, predictions: TestPredictions) -> Dataset:
    """Return the dataset of the run, with its test split in the order of the predictions."""
    import numpy as np

    from cnnsearch.data import open_dataset
    from cnnsearch.space import load_space

    space = load_space(folder.space_file)
    dataset = open_dataset(
        space.data.source,
        validation=space.data.validation,
        image_size=space.data.image_size,
        seed=space.search.seed,
    )
    if not np.array_equal(dataset.y_test, predictions.labels):
        raise DataError(f"the dataset {dataset.name} is not what it was when the run was tested")
    return dataset


def _add_attention(
    folder: RunFolder, dataset: Dataset, predictions: TestPredictions, made: Made
) -> None:
    import numpy as np

    from cnnsearch.results.pictures.gradcam import grad_cam

    indices = _telling(predictions)
    images = np.stack([np.asarray(dataset.x_test[index]) for index in indices])
    predicted = predictions.probabilities[indices].argmax(-1)
    try:
        heat = grad_cam(folder.export / "model.keras", images, predicted)
    except (OSError, ValueError) as error:
        made.missing["attention"] = f"There is no Grad-CAM: {error}."
        return
    for number, index in enumerate(indices):
        made.attention.append(
            {
                "index": index,
                "label": dataset.classes[int(predictions.labels[index])],
                "predicted": dataset.classes[int(predicted[number])],
                "confidence": float(predictions.probabilities[index].max()),
                "image": _file(f"seen-{number:02d}", images[number]),
                "overlay": _file(f"looked-at-{number:02d}", _heated(images[number], heat[number])),
            }
        )


def _telling(predictions: TestPredictions) -> list[int]:
    """Return images of different classes: some of the surest right ones, and of the mistakes."""
    import numpy as np

    predicted, sure = predictions.probabilities.argmax(-1), predictions.probabilities.max(-1)
    found: list[int] = []
    for right in (True, False):
        wanted = np.flatnonzero((predicted == predictions.labels) == right)
        ordered = wanted[np.argsort(-sure[wanted], kind="stable")]
        _, first = np.unique(predictions.labels[ordered], return_index=True)
        found += [int(index) for index in ordered[np.sort(first)][:MOST_EACH]]
    return found


def _heated(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the image in grey, coloured where `heat` (0 to 1) is high; of 96 pixels at least."""
    import numpy as np
    from PIL import Image

    side = max(96, min(LARGEST, max(image.shape[:2])))
    height, width = image.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    nearest = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
    grey = _picture(image).convert("L").resize(size, nearest)
    large = Image.fromarray(heat.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
    share = 0.75 * np.clip(np.asarray(large), 0, 1)[..., None]
    mixed = (1 - share) * np.asarray(grey, np.float32)[..., None] + share * np.array(HEAT)
    return np.asarray(mixed.round(), np.uint8)


def _picture(image: NDArray[np.uint8]) -> Any:
    import numpy as np
    from PIL import Image

    array = np.asarray(image)
    return Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array[..., :3])


def _file(stem: str, image: NDArray[np.uint8]) -> dict[str, Any]:
    """Return the image as a file: PNG of a small one, JPEG of a large one."""
    picture, content = _picture(image), io.BytesIO()
    if max(picture.size) <= SMALL:
        picture.save(content, "PNG", optimize=True)
        return {"name": f"{stem}.png", "content": content.getvalue()}
    picture.thumbnail((LARGEST, LARGEST))
    picture.convert("RGB").save(content, "JPEG", quality=85)
    return {"name": f"{stem}.jpg", "content": content.getvalue()}
