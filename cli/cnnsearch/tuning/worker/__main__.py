"""`python -m cnnsearch.tuning.worker RUN_FOLDER SPENT_S INDEX COUNT`, by its supervisor only."""

from __future__ import annotations

import sys

from cnnsearch.tuning.worker.channel import Channel

if __name__ == "__main__":
    channel = Channel()  # first: nothing may print before it has taken the standard output
    from cnnsearch.tuning.place import Place
    from cnnsearch.tuning.worker.work import work

    _, folder, spent_s, index, count = sys.argv
    sys.exit(work(channel, folder, float(spent_s), Place(int(index), int(count))))
