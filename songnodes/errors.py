"""Errors under three roots that a stage may catch.

The docstring of a class is its message; data go in as keyword arguments and stay readable as attributes.
A subclass's `remedy` is the next step for the user.
"""

from typing import Any


class SongNodesError(Exception):
    """An error of SongNodes"""

    remedy: str | None = None

    def __init__(self, detail: str = "", **data: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.data = data

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["data"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __str__(self) -> str:
        text = (type(self).__doc__ or type(self).__name__).strip().splitlines()[0]
        if self.detail:
            text += f": {self.detail}"
        if self.data:
            text += " (" + ", ".join(f"{k}={v}" for k, v in self.data.items()) + ")"
        if self.remedy:
            text += f". {self.remedy}"
        return text


class Poison(SongNodesError):
    """This record can never be processed as it is, so it goes to the dead-letter queue"""

    #: Short code of the dead letter, one per class.
    reason = "poison"
    #: True if it counts against a stage's dead-letter budget. Foreseen ones that wait for an operator do not.
    counts = True


class Transient(SongNodesError):
    """A server does not answer for now: the same work is retried, nothing is skipped"""


class Fatal(SongNodesError):
    """Continuing would lose or damage data: the process exits before it commits"""


class UserError(SongNodesError):
    """The command cannot be run as given"""
