"""What `cnnsearch evaluate` evaluates: stored predictions, or a model on other images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnsearch.data.labelled import Labelled
    from cnnsearch.exporting.opening import OpenModel


def evaluation_of(name: str, data: str | None, runs: Path) -> dict[str, Any]:
    """Return the evaluation as plain values: `model`, `data` and `evaluation`.

    Raises:
        UsageError: There is no such model or data, or they do not fit each other.
    """
    from cnnsearch.errors import UsageError
    from cnnsearch.exporting.finding import find_model
    from cnnsearch.records.folder import existing_run
    from cnnsearch.results.own_test_split import evaluate_own_test_split, is_own_data

    run = existing_run(runs, name)
    if run is not None and (data is None or is_own_data(run, data)):
        return evaluate_own_test_split(run)
    file = find_model(name, runs)
    if data is None:
        raise UsageError(f"{name} is a model without a run: say what to evaluate it on, by --data")
    from cnnsearch.exporting.opening import open_model

    return _of_data(open_model(file), data)


def _of_data(model: OpenModel, source: str) -> dict[str, Any]:
    from cnnsearch.data.labelled import labels_as_of, open_labelled
    from cnnsearch.exporting.predicting import model_facts
    from cnnsearch.results.evaluation import evaluate, evaluation_document

    data = open_labelled(source, model.shape)
    labels = labels_as_of(data, model.labels)
    return evaluation_document(
        evaluate(_probabilities(model, data), labels, model.labels),
        data.files,
        model=model_facts(model),
        data={"source": data.source, "split": data.split, "stored": False}
        | {"by_number": data.classes is None},
    )


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
