"""Tree-structured Parzen estimator (Bergstra et al. 2011), by Optuna, over our own history.

Optuna's sampler is asked in memory: settings are weighed together (`multivariate`), in groups of
those that are active together (`group`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import cache, partial
from random import Random
from typing import TYPE_CHECKING

from cnnsearch.records.distributions import distribution, parameter
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import (
    Candidate,
    Choice,
    RealRange,
    SearchSpace,
    Setting,
    Value,
    draw,
    replay,
)
from cnnsearch.tuning.samplers.mutation import begins_near, near_first_guess

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.distributions import BaseDistribution
    from optuna.samplers import TPESampler
    from optuna.trial import FrozenTrial


def propose(space: SearchSpace, history: Sequence[TrialRecord], rng: Random) -> Iterator[Candidate]:
    """Yield what the estimator holds best, of several objectives by the first."""
    while begins_near(history):
        yield near_first_guess(space, rng)
    study = _study(space, history, rng)
    while True:
        trial = study.ask()  # where the one before was not taken, it counts as running: as bad
        yield draw(space, partial(_suggest, trial))


def _suggest(trial: Trial, setting: Setting) -> Value:
    """Return Optuna's value for a setting, in our own spelling."""
    domain = setting.domain
    if isinstance(domain, Choice):
        values = {parameter(value): value for value in domain.values}
        return values[trial.suggest_categorical(setting.path, list(values))]
    if isinstance(domain, RealRange):
        low, high = domain.min, domain.max
        real = trial.suggest_float(setting.path, low, high, step=domain.step, log=domain.log)
        return domain.canonical(real)
    return trial.suggest_int(setting.path, domain.min, domain.max, step=domain.step, log=domain.log)


def _study(space: SearchSpace, history: Sequence[TrialRecord], rng: Random) -> Study:
    """Return Optuna's study of the history, in memory."""
    import optuna
    from optuna.storages import InMemoryStorage

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = InMemoryStorage()
    study = optuna.create_study(
        storage=storage,
        sampler=_sampler(rng.getrandbits(32)),
        direction="maximize" if next(iter(space.objectives.values())) == "max" else "minimize",
    )
    study_id = storage.get_study_id_from_name(study.study_name)
    distributions = _Distributions(space)
    for trial in history:
        storage.create_new_trial(study_id, template_trial=_told(trial, distributions.of(trial)))
    return study


def _sampler(seed: int) -> TPESampler:
    from optuna.exceptions import ExperimentalWarning
    from optuna.samplers import TPESampler

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return TPESampler(multivariate=True, group=True, constant_liar=True, seed=seed)


class _Distributions:
    """What settings may be, in Optuna's words, each made once."""

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._by_path: dict[str, BaseDistribution] = {}

    def of(self, trial: TrialRecord) -> dict[str, BaseDistribution]:
        """Return them for the settings of a trial."""
        if not trial.settings.keys() <= self._by_path.keys():
            candidate = draw(self._space, replay(trial.settings))
            for path, setting in candidate.choices.items():
                self._by_path[path] = distribution(setting.domain)
        return {path: self._by_path[path] for path in trial.settings}


def _told(trial: TrialRecord, distributions: dict[str, BaseDistribution]) -> FrozenTrial:
    """Return a trial as Optuna knows it.

    One that failed is told as pruned before its first look, which ranks below all that were
    scored: Optuna would pass over a failed trial, and propose its neighbours again.
    """
    from optuna.trial import TrialState

    state = TrialState.COMPLETE if trial.state == "complete" else TrialState.PRUNED
    return _shared_trial()(
        number=trial.number,
        trial_id=trial.number,
        state=TrialState.RUNNING if trial.state == "running" else state,
        value=trial.value if state == TrialState.COMPLETE else None,
        datetime_start=None,
        datetime_complete=None,
        params={path: parameter(value) for path, value in trial.settings.items()},
        distributions=distributions,
        user_attrs={},
        system_attrs={},
        intermediate_values={} if trial.failed else dict(trial.looks),
    )


@cache
def _shared_trial() -> type[FrozenTrial]:
    from optuna.trial import FrozenTrial

    class SharedTrial(FrozenTrial):
        """Not copied when it is stored: that would take two thirds of the time of a proposal."""

        def __deepcopy__(self, memo: object) -> SharedTrial:
            return self

    return SharedTrial
