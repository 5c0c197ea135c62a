"""A source described as data: what its pages give, what must hold of them, how the site is to be treated.

The crawler's alarms read it: coverage is compared with a running baseline, a contract that breaks is a change
of the site or of us.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from producers.sources.json_fingerprint import key_paths
from producers.sources.list_warnings import ListWarning
from songnodes.domain.drift import Share
from songnodes.domain.numbering import stands_still
from songnodes.domain.records import Page
from songnodes.domain.set_pages import WITHDRAWN

Record = Mapping[str, Any]
#: Numbers of a part that fall throughout to be a countdown; two are rows out of order.
FEWEST_COUNTDOWN = 3
#: A page and its records to the form of what they were read from.
Structure = Callable[[Page, Sequence[Record]], frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKind:
    """One kind of page and what it gives, in a few words."""

    name: str
    gives: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A statement that every record of a topic keeps, unless the site or the parser is off.

    `certain`: no honest page breaks it, so a page that does is held at once. The others break on a page here
    and there, and only their frequency is a signal.
    """

    name: str
    means: str
    holds: Callable[[Record], bool]
    certain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """Rules of crawling a site, unless the operator sets others.

    `needs_contact`: on only when the operator has set a contact address. `floor` in seconds between requests
    to one host, whatever its robots.txt allows.
    """

    on: bool
    why: str
    needs_contact: bool
    floor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The profile of a site.

    `coverage` names fields of records by path: `header.venue`, `rows.label`. `hosts` are all that the site's
    pages, and what they load or redirect to, may be on.
    """

    title: str
    hosts: frozenset[str]
    topic: str
    kinds: tuple[PageKind, ...]
    coverage: tuple[str, ...]
    contracts: tuple[Contract, ...]
    conduct: Conduct
    versions: Mapping[str, int]
    structure: Structure = key_paths

    def version(self, kind: str) -> int:
        """Return the version of the parser of a kind of page; 0 without one."""
        return self.versions.get(kind, 0)

    def covered(self, record: Record) -> dict[str, "Share"]:
        """Return for each field the number of filled places of a record, and of all."""
        return {path: _share(record, path) for path in self.coverage}

    def broken(self, record: Record) -> list[str]:
        """Return the names of the contracts that a record breaks."""
        return [contract.name for contract in self.contracts if not contract.holds(record)]

    def surely_broken(self, record: Record) -> list[Contract]:
        """Return the broken contracts that no valid page breaks."""
        return [contract for contract in self.contracts if contract.certain and not contract.holds(record)]


def _share(record: Record, path: str) -> Share:
    values = list(_places(record, path.split(".")))
    return Share(sum(map(_is_filled, values)), len(values))


def _places(value: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _places(item, path)
    elif isinstance(value, Mapping):
        yield from _places(value.get(path[0]), path[1:])
    else:
        yield None


def _is_filled(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


#: Rows without any text that a page may have: a list of cues that an editor only began.
NAMELESS = 5


def _has_rows(record: Record) -> bool:
    declared_empty = record["completeness"] == "none" or record["rows_from"] == WITHDRAWN
    return bool(record["rows"] or record["media"] or declared_empty)


def _list_is_read(record: Record) -> bool:
    return not any(warning.startswith(ListWarning.UNREAD) for warning in record["warnings"])


def _are_named(record: Record) -> bool:
    rows = [row for row in record["rows"] if not row["gap"]]
    return len(rows) < NAMELESS or any(row["text"] for row in rows)


def _ordinals_count(record: Record) -> bool:
    return [row["ordinal"] for row in record["rows"]] == list(range(len(record["rows"])))


def _numbers_count(record: Record) -> bool:
    """Return True if the numbers of each part rise, apart from restarts at 0 or 1, or count down."""
    parts: dict[str | None, list[int]] = {}
    for row in record["rows"]:
        if row["number"] is not None:
            parts.setdefault(row["part"], []).append(row["number"])
    return all(map(_is_counter, parts.values()))


def _is_counter(numbers: Sequence[int]) -> bool:
    if stands_still(numbers):
        return False
    rises = all(before <= after or after in (0, 1) for before, after in pairwise(numbers))
    return rises or (
        len(numbers) >= FEWEST_COUNTDOWN and all(before >= after for before, after in pairwise(numbers))
    )


def _cues_rise(record: Record) -> bool:
    latest: dict[str | None, int] = {}
    for row in record["rows"]:
        cue = row["cue_seconds"]
        if cue is None:
            continue
        if cue < latest.get(row["part"], 0):
            return False
        latest[row["part"]] = cue
    return True


def _size_is_as_declared(record: Record) -> bool:
    declared = record["header"]["declared_tracks"]
    return declared is None or abs(declared - len(record["rows"])) <= max(1, declared // 10)


TRACKLIST_CONTRACTS = (
    Contract(name="rows", means="there are rows, unless the page says that it has none", holds=_has_rows),
    Contract(name="list", means="a written list that is announced could be read", holds=_list_is_read),
    Contract(
        name="ordinals", means="rows are counted from 0 without a hole", holds=_ordinals_count, certain=True
    ),
    Contract(name="named", means="of five rows or more one has a text", holds=_are_named, certain=True),
    Contract(
        name="numbers",
        means="shown numbers of a part rise, restart or count down, and do not stand still",
        holds=_numbers_count,
    ),
    Contract(name="cues", means="cues do not fall within a part", holds=_cues_rise),
    Contract(
        name="declared",
        means="as many rows as announced, give or take a tenth",
        holds=_size_is_as_declared,
    ),
)


def _ends_after_start(record: Record) -> bool:
    start, end = record["start_local"], record["end_local"]
    return start is None or end is None or start <= end


EVENT_CONTRACTS = (
    Contract(name="title", means="the event has a title", holds=lambda record: bool(record["title"])),
    Contract(name="ends", means="it does not end before it starts", holds=_ends_after_start),
)
