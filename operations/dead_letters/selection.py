"""Which dead letters a command is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from operations.dead_letters.letter import Address, Case
from operations.dead_letters.mailbox import NoSuchLetter
from songnodes.errors import NotUsable


class DealtWith(NotUsable):
    """This dead letter was dealt with before"""

    remedy = "`--again` takes it all the same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The letters at `addresses` when there are any, else all open ones; of either those with `reason`.

    `most` bounds their number, oldest failure first. With `again` it makes no difference that somebody dealt
    with a letter before.
    """

    addresses: Sequence[Address] = ()
    reason: str | None = None
    most: int | None = None
    again: bool = False

    def of(self, cases: Sequence[Case]) -> list[Case]:
        """The cases chosen, in their order. Raises NoSuchLetter and DealtWith for an address."""
        chosen = [case for case in cases if self.again or case.open]
        if self.addresses:
            named = self._named(cases)
            chosen = [case for case in cases if case in named]
        if self.reason is not None:
            chosen = [case for case in chosen if case.letter.code == self.reason]
        return chosen[: self.most]

    def _named(self, cases: Sequence[Case]) -> set[Case]:
        by_address = {address: case for case in cases for address in case.letters}
        named = set()
        for address in self.addresses:
            case = by_address.get(address)
            if case is None:
                raise NoSuchLetter(str(address))
            if case.mark and not self.again:
                raise DealtWith(str(address), action=case.mark.action, who=case.mark.who)
            named.add(case)
        return named
