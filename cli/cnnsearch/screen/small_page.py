"""The shell of a small page that needs nothing else, and how it is written."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from cnnsearch.errors import UsageError

SHELL = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; } p { margin: .3rem 0; }
$style
</style>
</head>
<body>
<main>
$content
</main>
</body>
</html>
""")


def small_page(title: str, style: str, content: str) -> str:
    """Return a page; `style` is CSS, and `content` HTML in which all is escaped already."""
    return SHELL.substitute(title=escape(title), style=style.strip(), content=content)


def save_page(path: Path, page: str) -> None:
    """Write a page where the user wants it.

    Raises:
        UsageError: It cannot be written there.
    """
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error
