"""`python -m cnnsearch` is the same as `cnnsearch`."""

from __future__ import annotations

from cnnsearch.main import main

if __name__ == "__main__":
    main()
