"""The documentation is true: its search spaces load, and it names every command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from cnnsearch.main import COMMANDS, make_app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("*/README.md"))]
# Exactly "yaml" after the backticks: a whole search space. A part of one is "yaml fragment".
SEARCH_SPACE = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def search_spaces() -> list[tuple[str, str]]:
    """Return (page:line, YAML) for every search space in the documentation."""
    return [
        (f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, block.start()) + 1}", block[1])
        for page in PAGES
        for text in [page.read_text(encoding="utf-8")]
        for block in SEARCH_SPACE.finditer(text)
    ]


@pytest.mark.parametrize(("place", "document"), search_spaces())
def test_a_search_space_in_the_documentation_loads(
    place: str, document: str, tmp_path: Path
) -> None:
    from cnnsearch.space import load_space

    file = tmp_path / "space.yaml"
    file.write_text(document, encoding="utf-8")

    assert load_space(file).free, f"{place} leaves nothing to search"


def test_the_first_guess_of_a_search_space_in_the_documentation_keeps_its_limits(
    tmp_path: Path,
) -> None:
    from cnnsearch.architecture import describe
    from cnnsearch.architecture.limits import misses
    from cnnsearch.space import draw, first_guess, load_space

    (document,) = (text for place, text in search_spaces() if place.startswith("README.md"))
    file = tmp_path / "space.yaml"
    file.write_text(document, encoding="utf-8")
    space = load_space(file)
    guess = draw(space, first_guess)

    architecture = describe(guess.architecture, (28, 28, 1), classes=10)

    assert space.constraints
    assert misses(architecture, space.constraints, guess.training) == []


@pytest.mark.parametrize("command", [command.__name__ for command in COMMANDS])
def test_every_command_is_documented(command: str) -> None:
    page = (ROOT / "cli" / "README.md").read_text(encoding="utf-8")

    assert f"`cnnsearch {command}" in page


def options_of(command: str) -> list[tuple[str, ...]]:
    """Return the options of a command, each with all its spellings."""
    found = typer.main.get_command(make_app(*COMMANDS)).commands[command]  # type: ignore[attr-defined]
    spellings = ((*each.opts, *each.secondary_opts) for each in found.params)
    return [each for each in spellings if each[0].startswith("--")]


@pytest.mark.parametrize("command", [command.__name__ for command in COMMANDS])
def test_every_option_of_a_command_is_in_its_row(command: str) -> None:
    page = (ROOT / "cli" / "README.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith(f"| `cnnsearch {command}")]
    told = set(re.findall(r"--[a-z-]+", " ".join(rows))) | {"--runs"}  # told above the table

    assert [each for each in options_of(command) if not told & {*each}] == []
