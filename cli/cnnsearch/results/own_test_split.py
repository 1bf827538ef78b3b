"""How good a run's winner is on the run's own test split, by the predictions kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.records.folder import RunFolder
from cnnsearch.records.test_split import read_test_predictions
from cnnsearch.results.class_names import class_names
from cnnsearch.results.evaluation import evaluate, evaluation_document

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnsearch.space import SearchSpace


def is_own_data(run: RunFolder, data: str) -> bool:
    """Tell whether `data` is what the run was made with.

    Raises:
        RunError: The run is damaged or from another version.
    """
    from cnnsearch.data.cards import card_names

    source = _space(run).data.source
    if data == source or {data, source} & set(card_names()):
        return data == source
    return Path(data).expanduser().resolve() == Path(source).resolve()


def evaluate_own_test_split(run: RunFolder) -> dict[str, Any]:
    """Return the evaluation of a run's winner as plain values.

    Raises:
        RunError: The run is damaged, from another version, or has not tested its winner.
    """
    space, facts = _space(run), run.read_facts()
    stored = read_test_predictions(run)
    classes = class_names(run, stored.probabilities.shape[1])
    return evaluation_document(
        evaluate(stored.probabilities, stored.labels, classes),
        _files(space, stored.labels),
        model={"path": str(run.path), "format": None, "run": run.name, "classes": classes}
        | {"shape": facts["dataset"]["shape"]},
        data={"source": space.data.source, "split": "test", "stored": True, "by_number": False},
    )


def _space(run: RunFolder) -> SearchSpace:
    from cnnsearch.space import load_space

    run.read_facts()  # refuses a damaged run, or one of another version
    return load_space(run.space_file)


def _files(space: SearchSpace, labels: NDArray[np.int64]) -> Sequence[str] | None:
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
