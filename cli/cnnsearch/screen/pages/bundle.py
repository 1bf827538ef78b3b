"""Vega, Vega-Lite and Vega-Embed as one script, made once on a machine and kept in its cache."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from cnnsearch.records.files import write_bytes

LEAST_BYTES = 500_000  # a file that is shorter was cut


def vega_bundle() -> str:
    """Return the script, which puts `vegaEmbed` into the window.

    Bundling takes two seconds; what was bundled is kept by the version of its package.
    """
    kept = _cache_folder() / f"vega-{version('vl-convert-python')}.js"
    with suppress(OSError, ValueError):
        script = kept.read_text(encoding="utf-8")
        if len(script) >= LEAST_BYTES:
            return script
    import vl_convert

    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace(
        "</script", "<\\/script"
    )
    with suppress(OSError):  # a cache that cannot be written costs time only
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(kept, script.encode())
    return script


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).expanduser() / "cnnsearch" / "scripts"
