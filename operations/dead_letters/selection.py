"""Selection of the dead letters that a command applies to."""

from collections.abc import Sequence
from dataclasses import dataclass

from operations.dead_letters.letters import Address, LetterGroup
from operations.dead_letters.topic import UnknownLetter
from songnodes.errors import UserError


class AlreadyHandled(UserError):
    """This dead letter was handled before"""

    remedy = "Use `--again` to include it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The letters at `addresses`, or all open ones without addresses; only those with `reason`, if set.

    `most` limits their number, oldest failure first. `again` includes letters that were handled before.
    """

    addresses: Sequence[Address] = ()
    reason: str | None = None
    most: int | None = None
    again: bool = False

    def of(self, groups: Sequence[LetterGroup]) -> list[LetterGroup]:
        """Return the selected groups in their order.

        Raises UnknownLetter and AlreadyHandled for an address.
        """
        chosen = [group for group in groups if self.again or group.open]
        if self.addresses:
            named = self._named(groups)
            chosen = [group for group in groups if group in named]
        if self.reason is not None:
            chosen = [group for group in chosen if group.letter.code == self.reason]
        return chosen[: self.most]

    def _named(self, groups: Sequence[LetterGroup]) -> set[LetterGroup]:
        by_address = {address: group for group in groups for address in group.letters}
        named = set()
        for address in self.addresses:
            group = by_address.get(address)
            if group is None:
                raise UnknownLetter(str(address))
            if group.action and not self.again:
                raise AlreadyHandled(str(address), action=group.action.kind, who=group.action.who)
            named.add(group)
        return named
