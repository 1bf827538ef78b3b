"""What single samplers promise besides the contract of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from random import Random
from statistics import mean

from tests.tuning.conftest import LINE, LINE_PATH, LoadSpace, line, trial

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import SearchSpace, draw, first_guess
from cnnsearch.space.enumerating import enumerate_candidates
from cnnsearch.space.neighbours import neighbours
from cnnsearch.tuning.samplers import SAMPLERS, nsga2
from cnnsearch.tuning.samplers.fitness import points

PLANE = """
    architecture:
      stages: {count: 1, width: {min: 1, max: 100, prior: 50}, dropout: {min: 0, max: 0.9}}
"""
DROPOUT_PATH = "architecture.stages.dropout"


def places(space: SearchSpace, sampler: str, history: Sequence[TrialRecord]) -> list[int]:
    """Return the values of the only setting in first proposals of 20 seeds."""
    drawn = (next(SAMPLERS[sampler](space, history, Random(seed))) for seed in range(20))
    return [int(str(candidate.settings[LINE_PATH])) for candidate in drawn]


def test_the_grid_goes_through_the_space_in_order_and_ends(load: LoadSpace) -> None:
    space = load("architecture: {stages: {count: {min: 1, max: 2}, width: {values: [8, 16]}}}\n")
    whole = [candidate.settings for candidate in enumerate_candidates(space)]

    for number in range(4):
        history = [trial(n, settings) for n, settings in enumerate(whole[:number])]
        left = SAMPLERS["grid"](space, history, Random(0))
        assert [candidate.settings for candidate in left] == whole[number:]
    assert list(SAMPLERS["grid"](space, [trial(0, whole[-1])], Random(0))) == []


def test_quasi_random_covers_more_evenly_than_chance(load: LoadSpace) -> None:
    space = load(PLANE)

    def boxes(sampler: str) -> int:
        """Return in how many of the plane's 100 boxes the first 100 trials lie."""
        found = set()
        for number in range(100):
            history = [trial(n, {}) for n in range(number)]
            settings = next(SAMPLERS[sampler](space, history, Random(number))).settings
            width, dropout = (float(str(settings[path])) for path in (LINE_PATH, DROPOUT_PATH))
            found.add((int(width - 1) // 10, int(dropout / 0.09)))
        return len(found)

    assert boxes("quasi_random") > boxes("random") + 5


def test_quasi_random_gives_every_setting_a_sequence_of_its_own(varied: SearchSpace) -> None:
    drawn = [
        next(SAMPLERS["quasi_random"](varied, [trial(0, {})] * number, Random(0)))
        for number in range(200)
    ]

    kernels = [
        tuple(stage.blocks[0].kernel_size for stage in each.architecture.stages)
        for each in drawn
        if len(each.architecture.stages) == 3
    ]
    assert set(kernels) == {(a, b, c) for a in (3, 5) for b in (3, 5) for c in (3, 5)}


def test_local_search_begins_around_the_first_guess(varied: SearchSpace) -> None:
    guess = draw(varied, first_guess)
    near = {str(each.settings) for each in neighbours(varied, guess)}
    history = [trial(0, guess.settings)]

    for _ in range(len(near)):
        candidate = next(SAMPLERS["local"](varied, history, Random(len(history))))
        assert str(candidate.settings) in near
        history.append(trial(len(history), candidate.settings, 0.1))
    assert len({str(each.settings) for each in history}) == len(near) + 1


def test_local_search_climbs_on_from_the_better_neighbour(load: LoadSpace) -> None:
    history = line([(100, 0.5), (101, 0.6)])

    assert set(places(load(LINE), "local", history)) == {102}


def test_local_search_begins_anew_where_no_neighbour_is_better(load: LoadSpace) -> None:
    top = line([(100, 0.9), (101, 0.6), (99, 0.5)])

    assert len(set(places(load(LINE), "local", top))) > 15
    again = [*top, trial(3, {LINE_PATH: 20}, 0.1)]
    assert set(places(load(LINE), "local", again)) == {19, 21}


def test_local_search_compares_at_the_last_look_that_both_had(load: LoadSpace) -> None:
    looks = {60: 0.5, 180: 0.6, 540: 0.9}
    best = TrialRecord(0, "complete", {LINE_PATH: 100}, 1, 1, looks=looks, value=0.9)

    assert set(places(load(LINE), "local", [best, *line([(101, 0.7)], step=180)])) == {102}
    assert set(places(load(LINE), "local", [best, *line([(101, 0.5)], step=180)])) == {99}


def test_nsga2_crosses_two_parents(load: LoadSpace) -> None:
    space = load(PLANE)
    one = [trial(n, {LINE_PATH: 20, DROPOUT_PATH: 0.1}, 0.9) for n in range(12)]
    other = [trial(n, {LINE_PATH: 80, DROPOUT_PATH: 0.8}, 0.9) for n in range(12)]

    children = [
        next(SAMPLERS["nsga2"](space, [*one, *other], Random(seed))).settings for seed in range(100)
    ]

    crossed = [c for c in children if (c[LINE_PATH] < 50) != (c[DROPOUT_PATH] < 0.45)]  # type: ignore[operator]
    assert 10 < len(crossed) < 60


def test_nsga2_prefers_what_went_further_and_then_what_is_better(load: LoadSpace) -> None:
    best = line([(100, 0.6)] * 12, step=180)
    worse = line([(20, 0.5)] * 12, step=180)
    early = line([(180, 0.99)] * 12, step=60)

    found = places(load(LINE), "nsga2", [*early, *worse, *best])

    assert sum(place in (99, 101) for place in found) > 10
    assert not any(place > 170 for place in found)


def test_tpe_is_told_of_failures(load: LoadSpace) -> None:
    space = load(LINE)
    good = line([(at, 0.5 + at / 1000) for at in range(40, 60)])
    failed = line([(at, 0.9) for at in range(140, 160)], state="diverged")

    assert mean(places(space, "tpe", [*good, *failed])) < mean(places(space, "tpe", good)) - 10


def test_tpe_goes_where_the_scores_are_good(load: LoadSpace) -> None:
    rng = Random(0)
    history = line([(at, -abs(at - 150)) for at in (rng.randint(1, 200) for _ in range(40))])

    assert sum(130 <= place <= 170 for place in places(load(LINE), "tpe", history)) > 15


def test_what_an_earlier_run_tried_is_not_the_place_of_the_grid(load: LoadSpace) -> None:
    space = load(LINE)
    earlier = [trial(-1, {LINE_PATH: 7})]
    object.__setattr__(earlier[0], "earlier", True)

    (first,) = islice(SAMPLERS["grid"](space, earlier, Random(0)), 1)

    assert first == draw(space, first_guess)


def test_nsga2_has_children_of_the_whole_front_and_of_what_was_measured_only(
    load: LoadSpace,
) -> None:
    space = load(LINE + "objectives: {val_accuracy: max, latency: min}\n")
    latencies = {0: 9.0, 1: 1.0, 2: 5.0, 3: 8.0}
    trials = [
        replace(
            trial(number, {LINE_PATH: 10 + 20 * number}, score),
            measured={"latency": {"median_ms": latencies[number]}} if number in latencies else {},
        )
        for number, score in enumerate([0.9, 0.1, 0.6, 0.5, 0.99])
    ]

    fittest = nsga2._fittest(points(space, trials))

    assert {each.number for each in fittest[:2]} == {0, 1}  # the ends
    assert [each.number for each in fittest[2:]] == [2, 3]
