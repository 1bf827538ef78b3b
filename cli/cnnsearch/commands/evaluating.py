"""What `cnnsearch evaluate` evaluates: stored predictions, or a model on other images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnsearch.data.labelled import Labelled
    from cnnsearch.exporting.opening import OpenModel
    from cnnsearch.records.folder import RunFolder
    from cnnsearch.results.evaluation import Evaluation
    from cnnsearch.space import SearchSpace

EVALUATION_VERSION = 1


def evaluation_of(name: str, data: str | None, runs: Path) -> dict[str, Any]:
    """Return the evaluation as plain values: `model`, `data` and `evaluation`.

    Raises:
        UsageError: There is no such model or data, or they do not fit each other.
    """
    from cnnsearch.errors import UsageError
    from cnnsearch.exporting.finding import find_model
    from cnnsearch.records.folder import existing_run

    run = existing_run(runs, name)
    if run is not None and (data is None or _is_own(run, data)):
        return _of_own_test_split(run)
    file = find_model(name, runs)
    if data is None:
        raise UsageError(f"{name} is a model without a run: say what to evaluate it on, by --data")
    from cnnsearch.exporting.opening import open_model

    return _of_data(open_model(file), data)


def _is_own(run: RunFolder, data: str) -> bool:
    """Tell whether `data` is what the run was made with."""
    from cnnsearch.data.cards import card_names

    source = _space(run).data.source
    if data == source or {data, source} & set(card_names()):
        return data == source
    return Path(data).expanduser().resolve() == Path(source).resolve()


def _space(run: RunFolder) -> SearchSpace:
    from cnnsearch.space import load_space

    run.read_facts()  # refuses a damaged run, or one of another version
    return load_space(run.space_file)


def _of_own_test_split(run: RunFolder) -> dict[str, Any]:
    """Evaluate what the run's winner made of its test split when that was read."""
    from cnnsearch.records.test_split import read_test_predictions
    from cnnsearch.results.class_names import class_names
    from cnnsearch.results.evaluation import evaluate

    facts, space = run.read_facts(), _space(run)
    stored = read_test_predictions(run)
    classes = class_names(run, stored.probabilities.shape[1])
    return {
        "version": EVALUATION_VERSION,
        "model": {"path": str(run.path), "format": None, "run": run.name, "classes": classes}
        | {"shape": facts["dataset"]["shape"]},
        "data": {"source": space.data.source, "split": "test", "stored": True, "by_number": False},
        "evaluation": _plain(
            evaluate(stored.probabilities, stored.labels, classes),
            _test_files(space, stored.labels),
        ),
    }


def _test_files(space: SearchSpace, labels: NDArray[np.int64]) -> Sequence[str] | None:
    """Return the files of the test split, where it is of files and these are still the same."""
    from cnnsearch.data.cards import card_names
    from cnnsearch.data.folders import printable
    from cnnsearch.data.image_folders import split_files
    from cnnsearch.data.splits import Preparation
    from cnnsearch.errors import DataError

    root = Path(space.data.source)
    if space.data.source in card_names() or not root.is_dir():
        return None
    wanted = Preparation(space.data.validation, space.data.image_size, space.search.seed)
    try:
        files = split_files(root, wanted)[1]["test"]
    except DataError:
        return None
    same = [file.label for file in files] == labels.tolist()
    return [printable(str(file.path)) for file in files] if same else None


def _of_data(model: OpenModel, source: str) -> dict[str, Any]:
    from cnnsearch.data.labelled import labels_as_of, open_labelled
    from cnnsearch.exporting.predicting import model_facts
    from cnnsearch.results.evaluation import evaluate

    data = open_labelled(source, model.shape)
    labels = labels_as_of(data, model.labels)
    return {
        "version": EVALUATION_VERSION,
        "model": model_facts(model),
        "data": {
            "source": data.source,
            "split": data.split,
            "stored": False,
            "by_number": data.classes is None,
        },
        "evaluation": _plain(
            evaluate(_probabilities(model, data), labels, model.labels), data.files
        ),
    }


def _probabilities(model: OpenModel, data: Labelled) -> NDArray[np.float32]:
    import numpy as np

    from cnnsearch.screen.datasets import decoding_progress

    found, done = [], 0
    with decoding_progress("Evaluating") as progress:
        for batch in data.batches(model.batch_images):
            found.append(model.predict(batch))
            done += len(batch)
            progress(done, len(data.labels))
    return np.concatenate(found)


def _plain(evaluation: Evaluation, files: Sequence[str] | None) -> dict[str, Any]:
    """Return the evaluation with the file of each mistake, where there are files."""
    plain = evaluation.to_json()
    for mistake in plain["mistakes"]:
        mistake["image"] = files[mistake["index"]] if files else None
    return plain
