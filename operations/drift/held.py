"""Pages that wait in the dead letters because of an alarm."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from operations.dead_letters import reinsertion
from operations.dead_letters.letter import Case, cases
from operations.dead_letters.mailbox import Mailbox
from operations.dead_letters.marks import Marks
from songnodes.messaging import clients, holds
from songnodes.settings import Settings

STAGE = "parse"


def of(mailbox: Mailbox, marks: Marks) -> list[Case]:
    """The open dead letters of held pages, those that a page's own content held included."""
    known = cases(mailbox.letters(), marks.all())
    return [case for case in known if case.open and case.letter.code == holds.REASON]


def alarms(case: Case) -> tuple[str, ...]:
    """The alarms that hold a page; none where its own content does."""
    hold = holds.read(case.letter.headers)
    return hold.alarms if hold else ()


def counted(held: Iterable[Case]) -> Mapping[str, int]:
    """Held pages by alarm; a page that several hold is one of each."""
    return Counter(alarm for case in held for alarm in alarms(case))


def free(held: Iterable[Case], released: Collection[str]) -> list[Case]:
    """The pages that nothing holds any more: each of their alarms is released."""
    return [case for case in held if (by := alarms(case)) and all(alarm in released for alarm in by)]


def put_back(
    settings: Settings, mailbox: Mailbox, marks: Marks, chosen: Sequence[Case], *, who: str, note: str
) -> int:
    """Put pages back to be parsed and mark their letters; how many. Raises NotTaken."""
    blocked = reinsertion.obstacles(settings, clients.admin(settings), chosen)
    ready = [case for case in chosen if case not in blocked]
    done = 0
    for taken in reinsertion.reinsert(settings, mailbox, ready) if ready else ():
        marks.add((address for case in taken for address in case.letters), "reinserted", who=who, note=note)
        done += len(taken)
    return done
