"""The picture of a run is made from its events and needs nothing from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cnnsearch.screen.fields import Event
from cnnsearch.screen.svg import main, save_screen_svg


def picture_of(path: Path) -> str:
    """Return the words in an SVG file."""
    words = "".join(ElementTree.parse(path).getroot().itertext())
    return words.replace("\xa0", " ")


@pytest.fixture
def run_folder(tmp_path: Path, search_events: list[Event], end_events: list[Event]) -> Path:
    lines = [json.dumps(event) for event in search_events + end_events]
    (tmp_path / "events.jsonl").write_text("\n".join([*lines, '{"event": "cut sho']))
    return tmp_path


def test_a_run_folder_becomes_a_picture_of_its_end(run_folder: Path) -> None:
    main([str(run_folder), str(run_folder / "out.svg")])

    assert "test accuracy 0.8965" in picture_of(run_folder / "out.svg")


def test_the_picture_can_show_an_earlier_moment(run_folder: Path) -> None:
    main([str(run_folder), str(run_folder / "out.svg"), "--until", "82"])

    words = picture_of(run_folder / "out.svg")
    assert "to full training" in words
    assert "test accuracy" not in words


def test_the_picture_names_no_other_host(tmp_path: Path, search_events: list[Event]) -> None:
    save_screen_svg(tmp_path / "out.svg", search_events)

    content = (tmp_path / "out.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"\w+://[^\s\"')]+", content)) == {"http://www.w3.org/2000/svg"}
    assert "@import" not in content


def test_a_folder_that_is_no_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path), str(tmp_path / "out.svg")])

    assert "name the folder of a run" in capsys.readouterr().err
