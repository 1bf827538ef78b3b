"""`python -m cnnsearch.tuning.worker RUN_FOLDER SPENT_S`: started by the supervisor only."""

from __future__ import annotations

import sys

from cnnsearch.tuning.worker.channel import Channel

if __name__ == "__main__":
    channel = Channel()  # first: nothing may print before it has taken the standard output
    from cnnsearch.tuning.worker.work import work

    sys.exit(work(channel, sys.argv[1], float(sys.argv[2])))
