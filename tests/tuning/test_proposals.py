"""Proposals are new, within the limits, and follow from the seed and the history alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from random import Random

import pytest
from tests.tuning.conftest import LoadSpace, network, trial

from cnnsearch.architecture import misses
from cnnsearch.errors import NothingFeasibleError
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, draw, first_guess, replay
from cnnsearch.tuning import proposals as proposals_module
from cnnsearch.tuning.proposals import Proposal, Proposals
from cnnsearch.tuning.samplers import SAMPLERS

SHAPE, CLASSES = (28, 28, 1), 10
ONE_NETWORK = "architecture: {stages: {count: 1, width: 8}}\n"
# With one stage, its width cannot grow and it is not pooled: two networks, not eight.
TWO_NETWORKS = """
    architecture:
      stages:
        count: 1
        width: 8
        width_growth: {values: [1, 2]}
        pooling: {values: [max, average]}
        kernel_size: {values: [3, 5]}
"""


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up soon, where a test has it that nothing is left."""
    monkeypatch.setattr(proposals_module, "MOST_DRAWS", 60)
    monkeypatch.setattr(proposals_module, "_DRAWS_FROM_SAMPLER", 20)


def searched(space: SearchSpace, count: int, proposals: Proposals | None = None) -> list[Proposal]:
    """Return the first proposals of a search; without `proposals`, each from a new process."""
    history: list[TrialRecord] = []
    found = []
    for number in range(count):
        proposal = (proposals or Proposals(space, SHAPE, CLASSES)).next(history)
        assert proposal is not None
        found.append(proposal)
        history.append(trial(number, proposal.candidate.settings, value=(number * 7 % 11) / 11))
    return found


@pytest.mark.parametrize("algorithm", ["evolution", "random"])
def test_a_search_that_goes_on_in_a_new_process_proposes_the_same(
    load: LoadSpace, varied: SearchSpace, algorithm: str
) -> None:
    space = load(varied.to_yaml(), f"search.algorithm={algorithm}")

    at_once = searched(space, 15, Proposals(space, SHAPE, CLASSES))

    assert at_once == searched(space, 15)


def test_another_seed_is_another_search(load: LoadSpace, varied: SearchSpace) -> None:
    other = load(varied.to_yaml(), "search.seed=2")

    first, *others = zip(searched(varied, 6), searched(other, 6), strict=True)

    assert first[0] == first[1]  # the first guess
    assert all(one != another for one, another in others)


def test_the_first_guess_is_proposed_first(varied: SearchSpace) -> None:
    (proposal,) = searched(varied, 1)

    assert proposal.candidate == draw(varied, first_guess)
    assert proposal.candidate.training.learning_rate == 3e-3


def test_no_network_is_trained_twice(load: LoadSpace) -> None:
    space = load("architecture: {stages: {count: {min: 1, max: 2}, width: {values: [8, 16]}}}\n")

    found = searched(space, 4, Proposals(space, SHAPE, CLASSES))

    assert len({str(network(proposal.candidate)) for proposal in found}) == 4


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize("algorithm", ["evolution", "random"])
def test_other_settings_that_describe_a_network_already_tried_are_not_new(
    load: LoadSpace, algorithm: str
) -> None:
    space = load(TWO_NETWORKS, f"search.algorithm={algorithm}")
    found = searched(space, 2)
    history = [trial(n, proposal.candidate.settings) for n, proposal in enumerate(found)]

    kernels = {each.candidate.architecture.stages[0].blocks[0].kernel_size for each in found}
    assert kernels == {3, 5}
    assert Proposals(space, SHAPE, CLASSES).next(history) is None


def test_a_number_that_is_another_in_its_last_digits_only_is_not_new(
    load: LoadSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = load(ONE_NETWORK + "training: {weight_decay: {min: 1e-5, max: 1e-2, log: true}}\n")
    there_and_back = [
        draw(space, replay({"training.weight_decay": decay})) for decay in (0.000999999999999, 5e-4)
    ]
    monkeypatch.setitem(SAMPLERS, "local", lambda space, history, rng: iter(there_and_back))

    proposal = Proposals(space, SHAPE, CLASSES).next([trial(0, {"training.weight_decay": 1e-3})])

    assert proposal is not None
    assert proposal.candidate == there_and_back[1]


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize("algorithm", ["evolution", "random"])
def test_a_space_with_one_candidate_ends_after_it(load: LoadSpace, algorithm: str) -> None:
    space = load(ONE_NETWORK, f"search.algorithm={algorithm}")
    proposals = Proposals(space, SHAPE, CLASSES)
    only = proposals.next([])

    assert only is not None
    assert only.candidate.settings == {}
    assert proposals.next([trial(0, only.candidate.settings)]) is None


def test_a_trial_of_any_end_counts_as_tried(load: LoadSpace) -> None:
    space = load("architecture: {stages: {count: 1, width: {values: [8, 16]}}}\n")
    history = [trial(0, {"architecture.stages.width": 8}, None, state="crashed")]

    proposal = Proposals(space, SHAPE, CLASSES).next(history)

    assert proposal is not None
    assert proposal.candidate.settings == {"architecture.stages.width": 16}


def test_limits_are_kept_and_the_costs_are_the_networks_own(
    load: LoadSpace, varied: SearchSpace
) -> None:
    space = load(varied.to_yaml(), "constraints.parameters=<= 8k", 'constraints.macs=">= 300k"')
    proposals = Proposals(space, SHAPE, CLASSES)

    for proposal in searched(space, 12, proposals):
        assert misses(proposal.architecture, space.constraints) == []
        assert proposal.architecture == proposals.describe(proposal.candidate)
        assert proposal.architecture.parameters <= 8_000


def test_a_first_guess_outside_the_limits_is_replaced(load: LoadSpace) -> None:
    space = load(
        """
        architecture: {stages: {count: 1, width: {values: [8, 64], prior: 64}}}
        constraints: {parameters: "<= 500"}
        """
    )
    proposals = Proposals(space, SHAPE, CLASSES)

    proposal = proposals.next([])

    assert proposal is not None
    assert proposal.candidate.settings == {"architecture.stages.width": 8}
    assert proposals.refused["parameters outside the limit"] >= 1


@pytest.mark.usefixtures("few_draws")
def test_each_reason_is_counted(load: LoadSpace) -> None:
    space = load(ONE_NETWORK, "constraints.parameters=<= 10")
    proposals = Proposals(space, SHAPE, CLASSES)

    assert proposals.next([]) is None
    assert proposals.refused == {"parameters outside the limit": proposals.refused_draws}
    assert proposals.refused_draws == 22


@pytest.mark.usefixtures("few_draws")
def test_a_draw_that_breaks_two_limits_is_one_draw(load: LoadSpace) -> None:
    space = load(ONE_NETWORK, "constraints.parameters=<= 10", "constraints.macs=<= 10")
    proposals = Proposals(space, SHAPE, CLASSES)

    assert proposals.next([]) is None
    assert proposals.refused == {"parameters outside the limit": 22, "macs outside the limit": 22}
    assert proposals.refused_draws == 22


@pytest.mark.usefixtures("few_draws")
def test_where_nothing_fits_the_error_says_why_and_what_to_change(load: LoadSpace) -> None:
    space = load(ONE_NETWORK, "constraints.macs=<= 10", "constraints.parameters=<= 10")
    proposals = Proposals(space, SHAPE, CLASSES)
    proposals.next([])

    error = proposals.nothing_feasible()

    assert isinstance(error, NothingFeasibleError)
    assert error.exit_code == 4
    assert str(error) == (
        "no candidate of space is within the limits; of 22 draws: "
        "parameters outside the limit (22), macs outside the limit (22). "
        "The nearest to each limit: parameters 194 > 10, macs 56,528 > 10. "
        "Loosen `constraints` or widen the space"
    )


@pytest.mark.usefixtures("few_draws")
def test_where_nothing_can_be_built_the_error_does_not_blame_limits(load: LoadSpace) -> None:
    space = load("architecture: {stages: {count: 6, width: 8}}\n")
    proposals = Proposals(space, (8, 8, 1), CLASSES)
    proposals.next([])

    assert str(proposals.nothing_feasible()) == (
        "no candidate of space can be built; of 22 draws: "
        "stage3.pooling: stride 2 on a side of 1 pixel: nothing left to shrink (22). "
        "Where stage3.pooling cannot be built: use fewer strides and poolings, larger images, or "
        "`architecture.smallest_map`"
    )


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize(
    ("scaling", "stages", "told", "advice"),
    [
        ("{depth: 10, phi: 10}", "count: 1", "stage0: more than 64 blocks", "`phi`"),
        ("{width: 10, phi: 10}", "count: 1", "stage0: more than 8,192 channels", "fewer channels"),
        ("{phi: 0}", "count: 2, pooling_padding: 2", "holds a window of 2", "`pooling_padding`"),
    ],
)
def test_what_outgrows_itself_is_refused_with_advice(
    load: LoadSpace, scaling: str, stages: str, told: str, advice: str
) -> None:
    space = load(f"architecture: {{scaling: {scaling}, stages: {{{stages}, width: 8}}}}\n")
    proposals = Proposals(space, SHAPE, CLASSES)
    proposals.next([])

    before, after = str(proposals.nothing_feasible()).split("cannot be built: ")
    assert told in before
    assert advice in after


@pytest.mark.usefixtures("few_draws")
def test_where_some_can_be_built_but_break_a_limit_the_error_says_both(load: LoadSpace) -> None:
    space = load(
        "architecture: {stages: {count: {values: [1, 6]}, width: 8}}\n",
        "constraints.parameters=<= 10",
    )
    proposals = Proposals(space, (8, 8, 1), CLASSES)
    proposals.next([])

    message = str(proposals.nothing_feasible())
    assert message.startswith("no candidate of space that can be built is within the limits; of 2")
    assert "Loosen `constraints` or widen the space. Where stage3.pooling" in message


@pytest.mark.usefixtures("few_draws")
def test_a_geometry_that_cannot_be_is_counted_with_its_reason(load: LoadSpace) -> None:
    space = load("architecture: {stages: {count: 6, width: 8}}\n")
    proposals = Proposals(space, (8, 8, 1), CLASSES)

    assert proposals.next([]) is None
    (reason,) = proposals.refused
    assert reason == "stage3.pooling: stride 2 on a side of 1 pixel: nothing left to shrink"


@pytest.mark.usefixtures("few_draws")
def test_what_is_too_slow_is_not_proposed(load: LoadSpace) -> None:
    space = load("architecture: {stages: {count: 1, width: {values: [8, 64], prior: 64}}}\n")

    def too_slow(proposal: Proposal) -> bool:
        return proposal.architecture.macs > 1e5

    proposals = Proposals(space, SHAPE, CLASSES, too_slow=too_slow)
    first = proposals.next([])

    assert first is not None
    assert first.candidate.settings == {"architecture.stages.width": 8}
    assert proposals.next([trial(0, first.candidate.settings)]) is None
    assert not proposals.refused  # it is within the limits: only the time is short


def test_where_the_sampler_finds_nothing_new_random_draws_do(
    load: LoadSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = load("architecture: {stages: {count: 1, width: {min: 1, max: 50}}}\n")
    guess = draw(space, first_guess)
    monkeypatch.setitem(SAMPLERS, "local", lambda space, history, rng: repeat(guess))

    proposal = Proposals(space, SHAPE, CLASSES).next([trial(0, guess.settings)])

    assert proposal is not None
    assert proposal.candidate != guess


@pytest.mark.parametrize(
    ("parent", "steps", "proposed"),
    [(None, 12, True), (None, 108, False), (0, 12, False)],
    ids=["pruned before", "trained as far", "an heir before"],
)
def test_what_was_tried_from_its_own_first_weights_can_still_be_an_heir(
    load: LoadSpace, parent: int | None, steps: int, proposed: bool
) -> None:
    space = load(ONE_NETWORK + "data: {augmentation: {crop: {values: [0, 0.1]}}}")
    settings = draw(space, first_guess).settings
    best = replace(trial(0, settings, value=0.8), looks={108: 0.8})
    cropped = {**settings, "data.augmentation.crop": 0.1}
    other = replace(trial(1, cropped, value=0.5), looks={steps: 0.5}, parent=parent)

    heir = Proposals(space, SHAPE, CLASSES).next_heir([best, other], best)

    assert (heir is not None) is proposed


def test_samplers_learn_from_what_began_with_first_weights_only(
    load: LoadSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = load(ONE_NETWORK + "data: {augmentation: {crop: {values: [0, 0.1]}}}")
    settings = draw(space, first_guess).settings
    stranger, heir = trial(0, settings), replace(trial(1, settings), parent=0)
    before = [replace(each, earlier=True) for each in (stranger, heir)]  # of another run
    seen: list[Sequence[TrialRecord]] = []

    def remember(
        space: SearchSpace, history: Sequence[TrialRecord], rng: Random
    ) -> Iterator[Candidate]:
        seen.append(history)
        return iter(())

    monkeypatch.setitem(SAMPLERS, "local", remember)

    Proposals(space, SHAPE, CLASSES, earlier=before).next([stranger, heir])

    assert seen == [[before[0], stranger]]


def test_of_a_few_candidates_the_one_with_the_most_macs_is_taken(load: LoadSpace) -> None:
    space = load("architecture: {stages: {count: 1, width: {min: 1, max: 50}}}\n")
    first = draw(space, first_guess)
    proposals = Proposals(space, SHAPE, CLASSES)
    history = [trial(0, first.settings)]
    few = [proposals.next(history, largest_of=count) for count in (1, 2, 3, 20)]

    macs = [each.architecture.macs for each in few if each]
    assert macs == sorted(macs)
    assert macs[0] < macs[-1]


def test_what_a_run_begins_with_is_taken_whatever_it_costs(load: LoadSpace) -> None:
    space = load("architecture: {stages: {count: 1, width: {min: 1, max: 50, prior: 2}}}\n")
    earlier = replace(trial(0, {"architecture.stages.width": 3}, value=0.9), earlier=True)
    proposals = Proposals(space, SHAPE, CLASSES, earlier=[earlier])
    history: list[TrialRecord] = []
    for number in range(2):
        proposal = proposals.next(history, largest_of=20)
        assert proposal is not None
        history.append(trial(number, proposal.candidate.settings))

    assert [each.settings["architecture.stages.width"] for each in history] == [2, 3]


@pytest.mark.parametrize("algorithm", ["grid", "quasi_random"])
def test_what_goes_through_the_space_in_an_order_passes_nothing_over(
    load: LoadSpace, algorithm: str
) -> None:
    space = load(
        "architecture: {stages: {count: 1, width: {min: 1, max: 50}}}\n"
        f"search: {{algorithm: {algorithm}}}\n"
    )
    history = [trial(0, draw(space, first_guess).settings)]
    one, few = (Proposals(space, SHAPE, CLASSES).next(history, largest_of=n) for n in (1, 9))

    assert one is not None
    assert one == few
