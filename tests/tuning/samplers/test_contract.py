"""What every sampler promises."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tuning.conftest import LINE, LINE_PATH, LoadSpace, line, network, random_history, trial

from cnnsearch.architecture import misses
from cnnsearch.records.trial import FAILURES, State, TrialRecord
from cnnsearch.space import Candidate, SearchSpace, draw, first_guess, replay
from cnnsearch.space.sections import SearchSection
from cnnsearch.tuning import proposals as proposals_module
from cnnsearch.tuning.proposals import Proposals
from cnnsearch.tuning.samplers import EXHAUSTIVE, SAMPLERS, Sampler
from cnnsearch.tuning.samplers import evolution as evolution_module

SHAPE, CLASSES = (28, 28, 1), 10
each_sampler = pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
each_algorithm = pytest.mark.parametrize("algorithm", SAMPLERS)
each_with_chance = pytest.mark.parametrize("algorithm", sorted({*SAMPLERS} - {*EXHAUSTIVE}))
each_history = pytest.mark.parametrize("length", [0, 1, 12, 60])
few_seeds = settings(  # the space is the same for all examples
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=5
)
TINY = "architecture: {stages: {count: {min: 1, max: 2}, width: {values: [8, 16]}}}\n"
ONE = "architecture: {stages: {count: 1, width: 8}}\n"
# Prints what each sampler proposes next, in a process of its own.
FRESH = """
import sys
from cnnsearch.space import load_space
from cnnsearch.tuning.samplers import SAMPLERS
from tests.tuning.samplers.test_contract import searched
for algorithm in SAMPLERS:
    space = load_space(sys.argv[1], [f"search.algorithm={algorithm}"])
    print(algorithm, [each.settings for each in searched(space, 16)][-4:])
"""


def searched(
    space: SearchSpace, most: int, proposals: Proposals | None = None, ends: State = "pruned"
) -> list[Candidate]:
    """Return the candidates of a search; without `proposals`, each is a new process' own."""
    history: list[TrialRecord] = []
    found: list[Candidate] = []
    while len(found) < most:
        proposal = (proposals or Proposals(space, SHAPE, CLASSES)).next(history)
        if proposal is None:
            break
        found.append(proposal.candidate)
        score = Random(str(proposal.candidate.settings)).random()
        state = ends if len(found) % 4 == 0 else "pruned"
        history.append(trial(len(history), proposal.candidate.settings, score, state=state))
    return found


def test_every_algorithm_that_the_yaml_may_name_is_known() -> None:
    assert set(SAMPLERS) == set(SearchSection.model_fields["algorithm"].annotation.__args__)  # type: ignore[union-attr]


@each_sampler
@each_history
@given(seed=st.integers(0, 2**32))
@few_seeds
def test_a_candidate_is_one_of_the_space(
    varied: SearchSpace, sampler: Sampler, length: int, seed: int
) -> None:
    for candidate in islice(sampler(varied, random_history(varied, length), Random(seed)), 3):
        assert draw(varied, replay(candidate.settings)) == candidate


@each_sampler
@each_history
def test_space_history_and_chance_decide(
    varied: SearchSpace, sampler: Sampler, length: int
) -> None:
    history = random_history(varied, length)
    before = list(history)

    once, again = (list(islice(sampler(varied, history, Random(7)), 5)) for _ in range(2))

    assert once == again
    assert history == before


@each_algorithm
def test_a_search_that_goes_on_in_a_new_process_proposes_the_same(
    load: LoadSpace, varied: SearchSpace, algorithm: str
) -> None:
    space = load(varied.to_yaml(), f"search.algorithm={algorithm}")

    at_once = searched(space, 15, Proposals(space, SHAPE, CLASSES))

    assert at_once == searched(space, 15)


def test_nothing_depends_on_the_process(varied: SearchSpace, tmp_path: Path) -> None:
    file = tmp_path / "varied.yaml"
    file.write_text(varied.to_yaml(), encoding="utf-8")

    printed = {
        subprocess.run(
            [sys.executable, "-c", FRESH, str(file)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(printed) == 1
    assert len(printed.pop().splitlines()) == len(SAMPLERS)


@each_with_chance
def test_another_seed_is_another_search(
    load: LoadSpace, varied: SearchSpace, algorithm: str
) -> None:
    space = load(varied.to_yaml(), f"search.algorithm={algorithm}")
    other = load(space.to_yaml(), "search.seed=2")

    first, *others = zip(searched(space, 8), searched(other, 8), strict=True)

    assert first[0] == first[1]  # the first guess
    assert sum(one != another for one, another in others) > 3


@each_algorithm
def test_the_first_guess_is_proposed_first(
    load: LoadSpace, varied: SearchSpace, algorithm: str
) -> None:
    space = load(varied.to_yaml(), f"search.algorithm={algorithm}")

    (first,) = searched(space, 1)

    assert first == draw(space, first_guess)
    assert first.training.learning_rate == 3e-3


@each_algorithm
def test_no_network_is_proposed_twice_and_limits_are_kept(
    load: LoadSpace, varied: SearchSpace, algorithm: str
) -> None:
    limits = ["constraints.parameters=<= 12k", 'constraints.macs=">= 300k"']
    space = load(varied.to_yaml(), f"search.algorithm={algorithm}", *limits)
    proposals = Proposals(space, SHAPE, CLASSES)

    found = searched(space, 40, proposals, ends="diverged")

    assert len({str(network(candidate)) for candidate in found}) == len(found) == 40
    for candidate in found:
        assert misses(proposals.describe(candidate), space.constraints) == []


@each_algorithm
def test_all_of_a_tiny_space_is_found_and_then_nothing(
    load: LoadSpace, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    monkeypatch.setattr(proposals_module, "MOST_DRAWS", 0)  # chance is not needed
    space = load(TINY, f"search.algorithm={algorithm}")

    found = searched(space, 10)

    assert len({str(candidate.settings) for candidate in found}) == len(found) == 4


@each_algorithm
def test_a_space_without_anything_free_has_its_one_candidate(
    load: LoadSpace, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    monkeypatch.setattr(proposals_module, "MOST_DRAWS", 0)
    space = load(ONE, f"search.algorithm={algorithm}")

    assert [candidate.settings for candidate in searched(space, 10)] == [{}]
    for candidate in islice(
        SAMPLERS[algorithm](space, [trial(n, {}) for n in range(30)], Random(0)), 3
    ):
        assert candidate.settings == {}


@pytest.mark.parametrize("algorithm", ["evolution", "local", "nsga2", "tpe"])
@pytest.mark.parametrize("failure", [each for each in FAILURES if each != "timed_out"])
def test_what_failed_is_kept_away_from(
    load: LoadSpace, monkeypatch: pytest.MonkeyPatch, algorithm: str, failure: State
) -> None:
    monkeypatch.setattr(evolution_module, "EXPLORE", 0)
    space = load(LINE)
    good = line([(at, 0.5 + at / 1000) for at in range(40, 60)])
    failed = line([(at, 0.9) for at in range(140, 160)], state=failure)

    drawn = [next(SAMPLERS[algorithm](space, [*good, *failed], Random(n))) for n in range(20)]

    places = [int(str(candidate.settings[LINE_PATH])) for candidate in drawn]
    assert sum(130 <= place <= 170 for place in places) == 0
    assert sum(30 <= place <= 110 for place in places) > 10


@pytest.mark.parametrize("algorithm", ["random", "quasi_random", "grid"])
def test_those_that_do_not_learn_take_no_score_from_the_history(
    varied: SearchSpace, algorithm: str
) -> None:
    history = random_history(varied, 30)
    worse = [trial(each.number, each.settings, 0.0) for each in history]
    sampler = SAMPLERS[algorithm]

    assert next(sampler(varied, history, Random(7))) == next(sampler(varied, worse, Random(7)))
