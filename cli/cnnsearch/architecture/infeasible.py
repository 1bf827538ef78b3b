"""The error of a draw whose geometry is impossible."""

from __future__ import annotations


class InfeasibleError(Exception):
    """No such network exists; the candidate is drawn again, so no user meets this error.

    `reason` says what does not fit, `where` names the row; `reason` alone groups like cases.
    """

    def __init__(self, reason: str, where: str = "") -> None:
        self.reason = reason
        self.where = where
        super().__init__(f"{where}: {reason}" if where else reason)
