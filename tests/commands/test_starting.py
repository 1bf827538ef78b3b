"""A run that begins tells what its data is like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnsearch.commands.starting import begin

SPACE = """
name: bars
data: {source: photos, validation: 0.2}
architecture: {stages: [{width: {values: [4, 8]}}]}
budget: {trials: 2}
"""


def test_files_that_are_no_images_are_told_once_as_the_run_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for index in range(8):
            pixels = rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{index}.png")
    (tmp_path / "photos/cat/notes.txt").write_text("blurred: 3", encoding="utf-8")
    (tmp_path / "bars.yaml").write_text(SPACE, encoding="utf-8")

    folder = begin("bars.yaml", (), runs=Path("runs"), name=None, begin_with=None)

    note = "1 file or folder left out, not images: cat/notes.txt"
    assert capsys.readouterr().err.count(f"Note: {note}\n") == 1
    assert note in folder.read_facts()["dataset"]["notes"]
