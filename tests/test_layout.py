"""Imports point one way, and the libraries that are slow to load are loaded late."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cnnsearch.main import COMMANDS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cli" / "cnnsearch"

# What each part may import, besides itself and `errors`.
DESCRIBING = {"architecture", "space"}
WORKING = {"records", "networks", "data", "machine", "stderr"} | DESCRIBING
MAY_IMPORT: Mapping[str, set[str]] = {
    "errors": set(),
    "stderr": set(),
    "space": set(),
    "architecture": {"space"},
    "networks": DESCRIBING,
    "machine": set(),
    "data": {"machine"} | DESCRIBING,
    "records": DESCRIBING,
    "results": WORKING,
    "exporting": WORKING,
    "tuning": WORKING | {"exporting", "results"},  # the end of a run exports and judges its winner
    "tracking": {"records"},
    "screen": {"records", "results"} | DESCRIBING,
    "commands": {"screen", "tuning", "tracking", "exporting", "results"} | WORKING,
    "main": {"commands", "stderr"},
    "__main__": {"main"},
    "__init__": set(),
}

TRAINING_LIBRARIES = {"tensorflow", "keras", "keras_tuner"}
SLOW_LIBRARIES = TRAINING_LIBRARIES | {"numpy", "optuna"}
NOT_FOR_HELP = SLOW_LIBRARIES | {"yaml", "PIL", "rich"}


def wrong_imports(package: Path, may_import: Mapping[str, set[str]]) -> list[str]:
    """Return "file:line imports part" for each import that `may_import` does not allow."""
    return [
        f"{file.relative_to(package)}:{line} imports {imported}"
        for file in sorted(package.rglob("*.py"))
        for line, imported in _parts_imported(file, package)
        if imported not in _allowed(_part(file, package), may_import)
    ]


def _allowed(part: str, may_import: Mapping[str, set[str]]) -> set[str]:
    return may_import.get(part, set()) | {part, "errors", "__init__"}


def _part(file: Path, package: Path) -> str:
    return file.relative_to(package).parts[0].removesuffix(".py")


def _parts_imported(file: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and part of every import of `package`, inside functions too."""
    parts = {_part(child, package) for child in package.rglob("*.py")}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in _names_imported(node, file, package):
                root, _, rest = name.partition(".")
                first = rest.partition(".")[0]
                if root == package.name:
                    yield node.lineno, first if first in parts else "__init__"


def _names_imported(node: ast.Import | ast.ImportFrom, file: Path, package: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    module = [node.module] if node.module else []
    if node.level:
        folder = file.relative_to(package.parent).parts[: -node.level]
        module = [*folder, *module]
    return [".".join([*module, alias.name]) for alias in node.names]


def test_imports_point_one_way() -> None:
    assert wrong_imports(PACKAGE, MAY_IMPORT) == []


def test_every_part_has_its_rule() -> None:
    parts = {_part(file, PACKAGE) for file in PACKAGE.rglob("*.py")}

    assert parts <= MAY_IMPORT.keys()


@pytest.mark.parametrize(
    "statement",
    [
        "import shop.tuning.budget",
        "from shop import tuning",
        "from shop.tuning import search",
        "from shop.tuning.budget import Budget",
        "from .. import tuning",
        "from ..tuning import search",
        "def late() -> None:\n    import shop.tuning",
        "if TYPE_CHECKING:\n    from shop.tuning import search",
    ],
)
def test_an_import_against_the_direction_is_found(statement: str, tmp_path: Path) -> None:
    package = make_package(
        tmp_path / "shop", {"space/leaves.py": statement, "tuning/search.py": ""}
    )

    wrong = wrong_imports(package, MAY_IMPORT)

    line = statement.count("\n") + 1
    assert wrong == [f"space/leaves.py:{line} imports tuning"]


def test_imports_along_the_direction_are_allowed(tmp_path: Path) -> None:
    package = make_package(
        tmp_path / "shop",
        {
            "__init__.py": "",
            "errors.py": "",
            "space/leaves.py": "from shop.space import domains\nfrom shop.errors import SpaceError",
            "space/domains.py": "import json",
            "tuning/search.py": "from shop import __version__\nfrom shop.space.leaves import Leaf",
        },
    )

    assert wrong_imports(package, MAY_IMPORT) == []


def make_package(folder: Path, files: Mapping[str, str]) -> Path:
    """Write `files` (name within the package: source) and return the package's folder."""
    for name, source in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source)
    return folder


def loaded_by(program: str, cwd: Path) -> set[str]:
    """Return the top-level modules loaded after `program` ran in a process of its own."""
    report = "import json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    result = subprocess.run(
        [sys.executable, "-c", f"{program}\n{report}"],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in json.loads(result.stderr.splitlines()[-1])}


def command_line(*arguments: str) -> str:
    """Return a program that runs `cnnsearch ARGUMENTS` and goes on after it."""
    return (
        "from cnnsearch.main import COMMANDS, execute, make_app\n"
        f"assert execute(make_app(*COMMANDS), {list(arguments)!r}) == 0"
    )


def test_help_loads_no_library_but_typer(tmp_path: Path) -> None:
    assert loaded_by(command_line("--help"), tmp_path) & (NOT_FOR_HELP | {"pydantic"}) == set()


@pytest.mark.parametrize("command", [command.__name__ for command in COMMANDS])
def test_a_commands_help_loads_what_typer_loads_and_no_more(command: str, tmp_path: Path) -> None:
    assert loaded_by(command_line(command, "--help"), tmp_path) & NOT_FOR_HELP == set()


@pytest.mark.parametrize(
    "command",
    [
        command.__name__
        for command in COMMANDS
        if command.__name__ in {"runs", "spaces", "inspect", "datasets", "schema"}
    ],
)
def test_a_command_that_trains_nothing_loads_no_tensorflow(command: str, tmp_path: Path) -> None:
    assert loaded_by(command_line(command), tmp_path) & TRAINING_LIBRARIES == set()


def test_only_what_a_worker_loads_loads_the_slow_libraries(tmp_path: Path) -> None:
    modules = sorted(set(PACKAGE.rglob("*.py")) - set(_worker_modules()))
    names = [_module_name(file) for file in modules]
    program = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"

    assert loaded_by(program, tmp_path) & SLOW_LIBRARIES == set()


def _module_name(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _worker_modules() -> Iterator[Path]:
    """Yield the files that the linter lets import slow libraries at their top."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for pattern, rules in configuration["tool"]["ruff"]["lint"]["per-file-ignores"].items():
        if "TID253" in rules and pattern.startswith("cli/"):
            folder, _, name = pattern.rpartition("/")
            yield from (ROOT / folder).rglob(name if name.endswith(".py") else "*.py")
