"""The list of shipped search spaces."""

from __future__ import annotations

import pytest
from rich.console import Console

from cnnsearch.screen.spaces import print_spaces
from cnnsearch.space.catalogue import catalogue

DESCRIPTION = "VGG-16 (Simonyan & Zisserman 2015, column D): 138 weights for colour images"


def test_shipped_spaces_get_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    print_spaces([{"name": "vgg", "description": "Plain [3x3] convolutions", "path": "vgg.yaml"}])

    assert capsys.readouterr().out == "space  what it is\nvgg    Plain [3x3] convolutions\n"


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (84, DESCRIPTION),
        (73, "VGG-16 (Simonyan & Zisserman 2015): 138 weights for colour images"),
        (60, "VGG-16 (Simonyan & Zisserman 2015): 138 weights"),
        (45, "VGG-16 (Simonyan & Zisserman 2015)"),
    ],
)
def test_a_description_has_as_many_words_as_fit(
    width: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_spaces([{"name": "v", "description": DESCRIPTION}], Console(width=width))

    assert words in capsys.readouterr().out.splitlines()[1]


def test_the_shipped_spaces_fit_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    entries = catalogue()

    print_spaces(entries, Console(width=80))

    assert len(capsys.readouterr().out.splitlines()) <= len(entries) + 3
