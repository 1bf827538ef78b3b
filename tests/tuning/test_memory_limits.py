"""A worker that the system gives no more memory: its trial gets half the batch, then it is over.

The limits are real ones. That on the worker's own process lets its allocations fail: what the
network asks for at once is beyond it. That on a control group, as a container has one, lets the
kernel kill the worker. Neither lets a test take much of the machine's memory.
"""

from __future__ import annotations

import os
import re
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tuning.conftest import Runner
from tests.tuning.memory_group import MemoryGroup, make_memory_group

from cnnsearch.records.events import read_events
from cnnsearch.records.study import open_study

pytestmark = pytest.mark.slow
MORE = 400 << 20  # bytes that the worker may take besides what it has when it is ready
GROUP = 2 << 30  # bytes for a whole run of two workers, but not for the weights and their gradients
KILLED = "killed by the system for want of memory"
# The dense layer of the first guess takes 1 GiB at once, whatever the batch.
HUNGRY = """
name: hungry
data: {source: tiny.npz, validation: 0.2}
architecture:
  input: {resolution: 64}
  stages: [{block: conv, width: 8, pooling: none}]
  head: {pooling: flatten, units: {values: [[], [8192]], prior: [8192]}}
training: {batch_size: 32, epochs: 1}
budget: {trials: 2}
export: {formats: [keras]}
"""


def held_bytes(pid: int) -> int:
    """Return how much private memory a process has asked for that it can write to."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"^VmData:\s+(\d+) kB$", status, re.MULTILINE)
    assert found
    return 1024 * int(found[1])


def limit_memory(pid: int, most: int) -> None:
    """Let the system refuse a process what is beyond so many bytes; the hard limit stays."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_DATA)
    resource.prlimit(pid, resource.RLIMIT_DATA, (most, hard))


@pytest.fixture
def group() -> Iterator[MemoryGroup]:
    """Return a control group to limit; it comes before `runner`, whose processes end in it."""
    group = make_memory_group(f"cnnsearch-test-{os.getpid()}")
    if group is None:
        pytest.skip(
            "no control group with a memory limit can be made here: it takes Linux and root"
        )
    yield group
    group.remove()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="no process can be limited here")
def test_a_network_that_the_system_gives_no_memory_ends_and_the_search_goes_on(
    runner: Runner,
) -> None:
    (runner.folder / "hungry.yaml").write_text(HUNGRY, encoding="utf-8")
    run = runner.start("run", "hungry.yaml", "--name", "r")
    runner.wait_for("worker_ready")
    worker: int = runner.wait_for("worker_started")["pid"]
    limit_memory(worker, held_bytes(worker) + MORE)
    runner.wait_for("trial_ended")
    limit_memory(worker, resource.RLIM_INFINITY)  # what failed may leave little for the next

    code, _, errors = runner.end(run)

    assert code == 0, errors
    hungry, modest = open_study(runner.run.journal).trials()
    assert (hungry.state, hungry.batch_size, hungry.attempts) == ("out_of_memory", 16, 1)
    assert "OOM when allocating" in str(hungry.message)
    assert (modest.state, modest.batch_size) == ("complete", None)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.exhaustive)])
def test_a_network_whose_worker_the_kernel_kills_ends_and_the_search_goes_on(
    group: MemoryGroup, runner: Runner, workers: int
) -> None:
    (runner.folder / "hungry.yaml").write_text(HUNGRY, encoding="utf-8")
    group.limit(GROUP)
    words = ("run", "hungry.yaml", "--name", "r", "--workers", str(workers))

    code, output, errors = runner.end(runner.start(*words, before=group.enter))

    assert code == 0, errors
    assert "test accuracy" in output
    hungry, modest = open_study(runner.run.journal).trials()
    assert (hungry.state, hungry.batch_size, hungry.attempts) == ("out_of_memory", 16, 2)
    assert hungry.message == "the system killed its worker for want of memory"
    assert (modest.state, modest.batch_size) == ("complete", None)
    ends = [event for event in read_events(runner.run.events) if event["event"] == "worker_ended"]
    assert [event["reason"] for event in ends].count(KILLED) == group.kills == 2
