"""The error of a draw whose geometry is impossible."""

from __future__ import annotations


class InfeasibleError(Exception):
    """No such network exists; the candidate is drawn again, so no user meets this error.

    `reason` says what does not fit, `where` names the row; `reason` alone groups like cases.
    `setting` is what is at fault, as a row of `stages` calls it: `groups`, or `kernel_size` for any
    window. It is empty where no choice of a candidate can lead here.
    """

    def __init__(self, reason: str, where: str = "", setting: str = "") -> None:
        self.reason = reason
        self.where = where
        self.setting = setting
        super().__init__(f"{where}: {reason}" if where else reason)
