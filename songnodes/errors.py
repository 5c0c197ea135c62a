"""What may go wrong, as three roots that a stage may catch.

The docstring of a class is its message; data go in as keyword arguments and stay readable as attributes.
Where a subclass names `remedy`, it tells what to do next.
"""

from typing import Any


class SongNodesError(Exception):
    """Something went wrong"""

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
    #: Whether it counts against what a stage takes before it stops. What was foreseen and waits for somebody
    #: does not.
    counts = True


class Transient(SongNodesError):
    """Something outside does not answer for now: the same work is tried again, nothing is skipped"""


class Fatal(SongNodesError):
    """Going on would lose or damage data: the process ends before it acknowledges anything"""


class NotUsable(SongNodesError):
    """The command cannot do what was asked"""
