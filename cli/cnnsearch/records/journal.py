"""The file that Optuna appends a study's changes to, by one writer at a time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.records.files import cut_broken_tail

if TYPE_CHECKING:
    from optuna.storages.journal import JournalStorage


def open_storage(journal: Path) -> JournalStorage:
    """Return Optuna's view of a journal; each of its writes waits for the others."""
    import optuna
    from optuna.storages.journal import JournalFileBackend, JournalStorage

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return JournalStorage(JournalFileBackend(str(journal), lock_obj=_journal_lock(journal)))


def mend_journal(journal: Path) -> None:
    """Cut off what a crash left half-written, while no other worker writes."""
    lock = _journal_lock(journal)
    lock.acquire()
    try:
        cut_broken_tail(journal)
    finally:
        lock.release()


def _journal_lock(journal: Path) -> Any:
    """Return a lock that dies with its process (Optuna's own stays for 30 s after a `kill -9`)."""
    from optuna.storages.journal import JournalFileOpenLock

    with suppress(ImportError):  # no fcntl on Windows
        from cnnsearch.records.journal_lock import FlockLock

        return FlockLock(journal)
    return JournalFileOpenLock(str(journal))
