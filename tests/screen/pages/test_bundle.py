"""Vega is bundled once on a machine, and again where what was kept is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
import vl_convert

from cnnsearch.screen.pages.bundle import LEAST_BYTES, vega_bundle


@pytest.fixture
def bundled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What was bundled, in an empty cache."""
    calls: list[str] = []

    def bundle(snippet: str) -> str:
        calls.append(snippet)
        return "x" * LEAST_BYTES + "</script>"

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(vl_convert, "javascript_bundle", bundle)
    return calls


def test_it_is_bundled_once(bundled: list[str]) -> None:
    assert vega_bundle() == vega_bundle()
    assert len(bundled) == 1


def test_it_cannot_end_its_element(bundled: list[str]) -> None:
    assert vega_bundle().endswith("<\\/script>")


def test_a_cut_file_is_bundled_again(bundled: list[str], tmp_path: Path) -> None:
    whole = vega_bundle()
    (kept,) = tmp_path.rglob("*.js")
    kept.write_text(whole[:1000])

    assert vega_bundle() == whole
    assert len(bundled) == 2


def test_a_cache_that_cannot_be_written_costs_time_only(bundled: list[str], tmp_path: Path) -> None:
    (tmp_path / "cnnsearch").write_text("no folder")

    assert vega_bundle() == vega_bundle()
    assert len(bundled) == 2
