"""The model card says what the network is, how good, of what data, and what it is not."""

from __future__ import annotations

from typing import Any

from cnnsearch.exporting.card import model_card

DATA = {
    "name": "clothes",
    "licence": "MIT",
    "fingerprint": "abc",
    "notes": ["no test split given"],
    "examples": {"train": 9000, "validation": 1000, "test": 2000},
}
MODEL = {
    "path": "model-int8.tflite",
    "precision": "int8",
    "size_bytes": 115592,
    "largest_difference": 0.07,
    "equal_labels": 0.996,
    "compared_images": 256,
    "latency_ms": {"median": 0.5},
    "scored": {"split": "test", "accuracy": 0.898},
}
ACCURACY = {"accuracy": 0.9, "low": 0.88, "high": 0.92, "count": 2000}


def card(**facts: Any) -> str:
    given = {"run": "night", "trial": 3, "is_winner": True, "data": DATA, **facts}
    return model_card(given, [MODEL], shape=(28, 28, 1), classes=("shoe", "b|g`<b>"))


def test_figures_have_their_intervals_and_counts() -> None:
    trials = [{"value": value} for value in [*[0.8] * 40, None]]  # the last was not trained

    text = card(test=ACCURACY, validation=ACCURACY, summary={"trials": trials})

    assert "test accuracy **0.9000**, 95 % interval 0.8800 to 0.9200 (Wilson), 2,000 images" in text
    assert "40 candidates were compared by their validation score" in text
    assert "not read" not in text


def test_a_winner_in_a_later_state_is_told_with_every_step_since_its_score() -> None:
    winner = {"value": 0.899, "value_in_search": 0.896, "scored_step": 1_645, "steps": 2_480}
    winner |= {"annealed_steps": 330}

    text = card(validation=ACCURACY, summary={"winner": winner})

    assert (
        "scored 0.8960 at step 1,645; this is its state at step 2,480, after 505 more steps in the "
        "search and 330 with the learning rate annealed." in text
    )
    assert "In the search it was" not in card(is_winner=False, summary={"winner": winner})


def test_one_trial_is_compared_with_none() -> None:
    run = {"space": "tiny", "seed": 7, "started": "2026-01-05T10:11:12+00:00", "elapsed_s": 71.8}
    run |= {"device": "CPU", "versions": {}}

    counts = {"trials": 2, "stopped": 1, "over_limit": 1}
    trials = [{"value": 0.9}, {"value": None}]
    text = card(validation=ACCURACY, summary={"run": run, "counts": counts, "trials": trials})

    assert "- 2 trials: 1 cut short, 1 over limit\n" in text
    assert "begun 2026-01-05 10:11 UTC\n" in text
    assert "- 1m 11s on CPU\n" in text  # as `show` has it
    assert "compared by" not in text


def test_of_another_trial_it_says_that_the_test_score_was_not_read() -> None:
    text = card(is_winner=False, validation=ACCURACY)

    assert "test score was **not read**" in text
    assert "**not the winner**" in text


def test_data_and_their_licence_are_named() -> None:
    text = card()

    assert "`clothes`: 9,000 train, 1,000 validation, 2,000 test images" in text
    assert "licence of the data: MIT" in text
    assert "no test split given" in text


def test_a_model_file_has_its_row() -> None:
    cells = "| `model-int8.tflite` | int8 | 115.6 kB | 0.07 | 99.60% | 0.5 ms | 0.8980 (test) |"

    assert cells in card()


def test_class_names_are_text_whatever_they_hold() -> None:
    assert "`shoe`, `b|g'<b>`" in card()


def test_the_run_the_licence_and_names_of_files_are_text_too() -> None:
    notes = ["1 file or folder left out, not images: <b>.txt"]
    text = card(run="[x](y)", data={**DATA, "licence": "mine\n# <i>", "notes": notes})

    assert text.startswith("# \\[x\\](y), trial 3\n")
    assert "- licence of the data: mine \\# \\<i\\>\n" in text
    assert "not images: \\<b\\>.txt" in text
