"""A file of this version is read, an older one told from a newer one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnsearch.errors import OutdatedRunError, RunError
from cnnsearch.records.versions import refuse_other_version


def test_the_version_that_is_known_is_not_refused() -> None:
    refuse_other_version(Path("run.json"), "format", 2, 2)


@pytest.mark.parametrize(
    ("version", "kind"),
    [(1, OutdatedRunError), (3, RunError), (None, RunError), ("1", RunError)],
)
def test_an_older_version_is_told_from_others(version: object, kind: type[RunError]) -> None:
    with pytest.raises(RunError) as error:
        refuse_other_version(Path("run.json"), "format", version, 2)

    assert type(error.value) is kind
    assert str(error.value) == (
        f"run.json has format version {version}; this program reads version 2\n"
        "use the program that made it, or another run"
    )
