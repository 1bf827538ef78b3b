"""The drawing of a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cnnsearch.errors import UsageError
from cnnsearch.screen.blocks import parts
from cnnsearch.screen.diagram import diagram, save_diagram
from cnnsearch.screen.diagram_layout import PER_LINE, lines

Describe = Callable[[str], dict[str, Any]]
SPACE = "{http://www.w3.org/2000/svg}"
A_PAGE = 1.42  # times as high as wide
NETWORKS = ["lenet-5", "vgg-19", "resnet-50", "efficientnet-b0", "efficientnet-b7", "densenet-121"]


def drawn(described: dict[str, Any]) -> ElementTree.Element:
    return ElementTree.fromstring(diagram(described))


def texts(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.findall(f"{SPACE}text")]


def test_each_part_is_named_with_its_boxes_and_what_comes_out(described: dict[str, Any]) -> None:
    found = texts(drawn({**described, "title": "<small>"}))

    assert found[0] == "<small>"
    assert found.count("stage0") == 1
    assert {"conv 5x5 /2", "add", "depthwise 3x3", "3x3x4"} <= {*found}


def test_a_shortcut_is_an_arc_and_has_an_arrow(described: dict[str, Any]) -> None:
    paths = [path.attrib for path in drawn(described).findall(f"{SPACE}path")]

    assert sum("Q" in path["d"] for path in paths) == 1
    assert all(path["marker-end"] == "url(#arrow)" for path in paths)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_published_network_fits_a_page(reference: Describe, name: str) -> None:
    svg = drawn(reference(name))

    assert int(svg.attrib["height"]) <= A_PAGE * int(svg.attrib["width"])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_drawing_has_a_background_of_its_own_and_a_legend(
    reference: Describe, name: str
) -> None:
    svg = drawn(reference(name))

    background = svg.find(f"{SPACE}rect")
    assert background is not None
    assert background.attrib["height"] == svg.attrib["height"]
    assert {"weights", "pooling", "shortcut"} <= {*texts(svg)}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_main_path_has_every_box_but_those_of_shortcuts(reference: Describe, name: str) -> None:
    for part in parts(reference(name)["rows"]):
        found = lines(part.boxes)

        straight = [box for line in found for box in line.boxes]
        beside = [box for line in found for arc in line.arcs for box in arc.boxes]
        assert len(straight) + len(beside) == len(part.boxes)
        assert all("shortcut" in box.rows[0]["name"] for box in beside)
        assert all(len(line.boxes) <= PER_LINE for line in found)


def test_no_two_texts_of_a_line_are_wider_than_their_boxes(reference: Describe) -> None:
    texts_in_boxes = [
        text.attrib
        for text in drawn(reference("efficientnet-b7")).findall(f"{SPACE}text")
        if text.attrib.get("text-anchor") == "middle"
    ]

    assert all(int(text.get("textLength", 0)) < 110 for text in texts_in_boxes)


def test_rates_that_grow_from_block_to_block_are_told(reference: Describe) -> None:
    found = " ".join(texts(drawn(reference("efficientnet-b0"))))

    assert "rate 0.15 to 0.175" in found


def test_a_drawing_that_cannot_be_written_is_told(
    described: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        save_diagram(described, tmp_path / "no" / "small.svg")


@pytest.mark.parametrize("name", ["small.png", "small"])
def test_what_is_not_called_an_svg_is_refused(
    described: dict[str, Any], tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match=r"name it .*small\.svg$"):
        save_diagram(described, tmp_path / name)

    assert list(tmp_path.iterdir()) == []
