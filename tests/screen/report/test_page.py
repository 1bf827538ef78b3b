"""The page holds all that is known, asks for nothing elsewhere, and takes no text for markup."""

from __future__ import annotations

import json
import re
from shlex import quote
from typing import Any

import pytest
from tests.screen.elements import Elements
from tests.screen.report.conftest import HOSTILE, HOSTILE_CLASSES, Reports

from cnnsearch.screen.pages import rendering
from cnnsearch.screen.report import words
from cnnsearch.screen.report.page import page, plots
from cnnsearch.screen.report.tables import trials_table

MOST_BYTES = 3_000_000
SCRIPT = "window.vegaEmbed = null;"
PICTURE = {"name": "a.png", "content": b"\x89PNG"}


def test_the_number_in_a_setting_of_a_stage_is_explained(reports: Reports) -> None:
    assert "In settings, 1.depth is that of stage 1, counted from 0." in page(reports("finished"))


def test_the_winner_is_called_so_however_the_search_ended_it(reports: Reports) -> None:
    report = reports("finished")
    winner = report["summary"]["winner"]["trial"]
    trials = [
        {**trial, "state": "pruned"} if trial["number"] == winner else trial
        for trial in report["summary"]["trials"]
    ]

    table = trials_table({**report, "summary": {**report["summary"], "trials": trials}})

    ended = [name for name, _ in table.columns].index("ended")
    (row,) = (row for row in table.rows if row[0].key == winner)
    assert row[ended].words == "winner"
    assert [row[ended].words for row in table.rows].count("winner") == 1


@pytest.fixture
def _no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "vega_bundle", lambda: SCRIPT)


pytestmark = pytest.mark.usefixtures("_no_bundle")


def test_a_finished_run_has_every_part(reports: Reports) -> None:
    found = Elements(page(reports("finished")))

    assert {
        "asked", "search", "trials", "why", "network", "mistakes", "cost", "again",
        "plot-over-time", "plot-front-parameters", "plot-front-macs", "plot-curves",
        "plot-parallel", "plot-importance", "plot-training", "plot-receptive-field",
        "plot-confusion",
        "trials-table", "layers-table", "classes-table", "pairs-table",
    } <= found.ids()  # fmt: skip
    assert "95 % interval" in found.words
    assert re.search(r"In 9m \d+s, 24 networks were tried; the best gets 9\d\.\d %", found.words)


def test_a_run_of_several_objectives_has_its_front_and_its_growth(reports: Reports) -> None:
    found = Elements(page(reports("several")))

    assert {"plot-front-latency", "plot-hypervolume"} <= found.ids()
    assert "plot-front-macs" not in found.ids()


def test_every_trial_is_in_the_table(reports: Reports) -> None:
    text = page(reports("finished"))

    body = text[text.index('id="trials-table"') :].split("</tbody>")[0]
    assert body.count("<tr") - 1 == 24  # and the line of headings


def test_an_unfinished_run_says_so_and_shows_what_there_is(reports: Reports) -> None:
    report = reports("unfinished")
    found = Elements(page(report))

    assert f"resume {quote(report['summary']['run']['folder'])}" in found.words
    assert "there is no winner yet" in found.words
    assert "The test split has not been read" in found.words
    assert {"plot-over-time", "trials-table", "layers-table"} <= found.ids()
    assert "plot-confusion" not in found.ids()


def test_of_a_near_trial_the_settings_that_are_not_told_are_counted(reports: Reports) -> None:
    report = reports("finished")
    nearest, *_ = report["summary"]["explanation"]["losers"]["trials"]
    changed = [{"setting": f"training.s{each}", "winner": 1, "loser": 2} for each in range(7)]
    losers = {"chance": None, "trials": [{**nearest, "differences": changed}]}
    summary = {**report["summary"], "explanation": {"losers": losers, "importance": None}}

    text = Elements(page({**report, "summary": summary})).words

    assert "training.s4 2, not 1; 2 more settings" in text


def test_the_stages_of_a_run_add_up_to_its_time(reports: Reports) -> None:
    report = reports("finished")
    took = {"loading": 4, "search": 480, "finish": 75, "export": 6}

    facts = list(words.cost({**report, "stages": took}))

    assert facts[:5] == [
        ("run time", "9m 25s"),
        ("of it loading libraries", "4s"),
        ("of it searching", "8m"),
        ("of it finishing the winner", "1m 15s"),
        ("of it testing and exporting", "6s"),
    ]
    assert sum(report["stages"].values()) == int(report["summary"]["run"]["elapsed_s"])


def test_the_time_of_workers_side_by_side_is_told_as_such(reports: Reports) -> None:
    report = reports("finished")

    alone, together = (dict(words.cost({**report, "workers": count})) for count in (1, 2))

    training = alone["of the search, training"]
    assert together["of the search, training"] == f"{training} (of all workers together)"


def test_a_network_that_confuses_nothing_has_no_table_of_it(reports: Reports) -> None:
    report = reports("finished")
    matrix = [[100 * (a == b) for b in range(8)] for a in range(8)]
    perfect = {**report, "evaluation": {**report["evaluation"], "confusion": matrix}}

    found = Elements(page(perfect))

    assert "Confused most often" not in found.words
    assert "pairs-table" not in found.ids()
    assert "plot-confusion" in found.ids()


def test_every_part_is_called_what_the_way_to_it_says(reports: Reports) -> None:
    text = page(reports("finished"))

    ways = dict(re.findall(r'<a href="#(\w+)">(\w+)</a>', text))
    parts = dict(re.findall(r'<section id="(\w+)">\s*<h2>(.*?)</h2>', text))
    assert ways.keys() == parts.keys()
    for part, word in ways.items():
        assert word.lower() in parts[part].lower()


@pytest.mark.parametrize("state", ["stopped", "killed"])
def test_a_trial_in_training_when_the_run_ended_says_how_far_it_came(
    reports: Reports, state: str
) -> None:
    report = dict(reports("unfinished"))
    summary = report["summary"]
    last = {**summary["trials"][-1], "state": "running", "seconds": 83.0, "last_step": 1_200}
    report["summary"] = {
        **summary,
        "run": {**summary["run"], "state": state},
        "counts": {"trials": 3, "complete": 1, "pruned": 1, "running": 1},
        "trials": [*summary["trials"][:-1], last],
    }

    told = Elements(page(report)).words

    assert f"1m 23s\nin training when the run was {state}, at step 1,200\n" in told
    assert "3 trials: 1 complete, 1 pruned, 1 unfinished" in told
    assert "(of trials that have ended)" in told
    assert "1 running" not in told


def test_what_lay_near_the_winner_is_told_with_what_may_be_chance(reports: Reports) -> None:
    summary = reports("finished")["summary"]
    near = {"trial": 2, "step": 100, "differences": []}
    equal = {**near, "worse_by": 0.0}
    worse = {**near, "worse_by": 0.02}
    losers = {"trial": 1, "chance": 0.0314, "trials": [equal, worse]}
    explanation = {**summary["explanation"], "losers": losers}

    report = {**reports("finished"), "summary": {**summary, "explanation": explanation}}
    words = Elements(page(report)).words

    assert "Trial 2: just as good after 100 steps, with the same settings" in words
    assert "Trial 2: 0.0200 worse after 100 steps" in words
    assert "A difference below 0.031 may be chance." in words


@pytest.mark.parametrize(
    ("folder", "named"), [("runs/first", "first"), ("/srv/my runs/first", "'/srv/my runs/first'")]
)
def test_a_run_that_began_with_another_says_so_and_how_to_do_it_again(
    reports: Reports, folder: str, named: str
) -> None:
    summary = reports("finished")["summary"]
    earlier = {"run": "first", "folder": folder, "trials": 3, "warnings": []}
    began = {**summary, "run": {**summary["run"], "began_with": earlier}}

    words = Elements(page({**reports("finished"), "summary": began})).words

    assert "began with3 trials of first\n" in words
    assert f"space.yaml --from {named} --name again" in words
    assert "--from" not in Elements(page(reports("finished"))).words


def test_a_trial_that_a_finished_run_left_is_unfinished(reports: Reports) -> None:
    report = dict(reports("finished"))
    summary = report["summary"]
    last = {**summary["trials"][-1], "state": "running", "last_step": 1_200}
    report["summary"] = {**summary, "trials": [*summary["trials"][:-1], last]}

    told = Elements(page(report)).words

    assert "\nunfinished\n" in told
    assert "at step 1,200" not in told


@pytest.mark.parametrize("name", ["finished", "several", "hostile", "unfinished"])
def test_nothing_is_asked_for_from_elsewhere(reports: Reports, name: str) -> None:
    text = page(reports(name))
    found = Elements(text)

    assert all(address.startswith(("#", "data:")) for address in found.addresses())
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)


def test_no_text_of_a_user_becomes_markup(reports: Reports) -> None:
    plain, hostile = Elements(page(reports("finished"))), Elements(page(reports("hostile")))

    assert [tag for tag, _ in hostile.tags if tag in ("script", "img", "iframe")] == [
        tag for tag, _ in plain.tags if tag in ("script", "img", "iframe")
    ]
    assert not any(key.startswith("on") for _, attributes in hostile.tags for key in attributes)
    for text in (HOSTILE, *HOSTILE_CLASSES):
        assert text in hostile.words
    assert len(hostile.scripts) == 3


def test_the_rows_of_plots_come_back_as_they_were(reports: Reports) -> None:
    report = reports("hostile")
    scripts = Elements(page(report)).scripts

    assert "<" not in scripts[1]
    assert "\u2028" not in scripts[1]
    drawn = json.loads(scripts[1])
    confusion = next(plot for plot in drawn if plot["name"] == "confusion")
    assert {row["true"] for row in confusion["datasets"]["fields"]} == set(HOSTILE_CLASSES)


def test_specifications_hold_no_text_of_a_user(reports: Reports) -> None:
    for plot in plots(reports("hostile")):
        spec = json.dumps(plot.spec)

        assert not any(json.dumps(words)[1:-1] in spec for words in HOSTILE_CLASSES[:3])
        assert HOSTILE not in plot.title + plot.caption


def test_pictures_are_in_the_page_or_said_to_be_left_out(reports: Reports) -> None:
    shown = {"index": 7, "label": HOSTILE, "predicted": "Bag", "confidence": 0.99}
    pictures = {
        "mistakes": [{**shown, "image": PICTURE}],
        "attention": [{**shown, "image": PICTURE, "overlay": {**PICTURE, "name": "b.jpg"}}],
        "missing": {"kept": "They could not be kept."},
    }

    found = Elements(page(reports("finished"), pictures))
    without = Elements(page(reports("finished")))

    sources = [attributes["src"] or "" for tag, attributes in found.tags if tag == "img"]
    assert [source.split(",")[0] for source in sources] == [
        "data:image/png;base64",
        "data:image/png;base64",
        "data:image/jpeg;base64",
    ]
    assert f"is {HOSTILE}" in found.words
    assert "could not be kept" in found.words
    assert "Pictures were left out" in without.words


def test_many_classes_and_trials_stay_within_the_size(reports: Reports) -> None:
    report = dict(reports("finished"))
    trials: list[dict[str, Any]] = report["summary"]["trials"]
    many = [{**trials[n % len(trials)], "number": n} for n in range(3_000)]
    report["summary"] = {**report["summary"], "trials": many}
    report["labels"] = [f"class {n}" for n in range(8)]

    text = page(report)

    assert len(text.encode()) < MOST_BYTES - 1_000_000  # for Vega
    assert "2500 more are in" in text


def test_tables_are_sortable_but_for_the_layers_whose_order_is_the_networks(
    reports: Reports,
) -> None:
    tables = [found for tag, found in Elements(page(reports("finished"))).tags if tag == "table"]

    assert {found["id"] for found in tables if found.get("class") != "sortable"} == {"layers-table"}
