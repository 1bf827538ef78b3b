"""The network of a trial: its layers, what it costs and how that compares with the limits."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnsearch.architecture import Architecture
    from cnnsearch.records.folder import RunFolder
    from cnnsearch.space import Candidate, SearchSpace


def trial_of(folder: RunFolder, number: int | None) -> dict[str, Any]:
    """Return the network of a trial, or of the run's winner.

    Raises:
        RunError: There is no such trial, or no winner yet, or the run is damaged.
    """
    import json

    from cnnsearch.architecture import Architecture
    from cnnsearch.architecture.costs import costs
    from cnnsearch.errors import RunError
    from cnnsearch.records.study import open_study

    folder.read_facts()  # refuses a damaged run
    trial = _winner_of(folder) if number is None else number
    path = folder.trial(trial) / "architecture.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        open_study(folder.journal).trial(trial)  # raises where there is none
        raise RunError(
            f"trial {trial} of {folder.name} has no layers on record: {path} cannot be read"
        ) from error
    network = Architecture.from_json(document)
    title = f"{folder.name}, trial {trial}"
    drawn = _drawn(folder, trial)
    return described(title, network, *drawn) if drawn else {"title": title, **costs(network)}


def described(
    title: str, network: Architecture, space: SearchSpace, candidate: Candidate
) -> dict[str, Any]:
    """Return what a network costs, which settings it has, and how it compares with the limits."""
    from cnnsearch.architecture.adapting import left_out
    from cnnsearch.architecture.costs import costs
    from cnnsearch.architecture.describe import unscaled_side
    from cnnsearch.architecture.limits import comparisons

    settings, training = candidate.architecture, candidate.training
    side = unscaled_side(settings, network.input_shape)
    limits = comparisons(network, space.constraints, training)
    return {
        "title": title,
        "settings": dict(candidate.settings),
        "smallest_map": settings.smallest_map,
        "left_out": [asdict(each) for each in left_out(settings, side)],
        "limits": [limit.to_json() for limit in limits],
        **costs(network, training),
    }


def _winner_of(folder: RunFolder) -> int:
    from cnnsearch.errors import RunError
    from cnnsearch.results.summary import summarize

    winner = summarize(folder, explained=False)["winner"]
    if winner is None:
        raise RunError(f"{folder.name} has no winner yet; name a trial with --trial")
    return int(winner["trial"])


def _drawn(folder: RunFolder, trial: int) -> tuple[SearchSpace, Candidate] | None:
    """Return the space of a run and what was drawn of it; None where only the layers are known.

    So it is where space.yaml has been changed, or where another version wrote it.
    """
    from dataclasses import replace

    from cnnsearch.errors import UsageError
    from cnnsearch.records.study import open_study
    from cnnsearch.space import draw, load_space, replay

    try:
        record = open_study(folder.journal).trials()[trial]
        space = load_space(folder.space_file)
        candidate = draw(space, replay(record.settings))
    except (UsageError, LookupError):
        return None
    batch_size = record.batch_size or candidate.training.batch_size
    training = candidate.training.model_copy(update={"batch_size": batch_size})
    return space, replace(candidate, training=training)
