"""Search of tracks, artists, sets and labels by name, in any script, with misspelled words.

Entries are read by level of support, so that a common word does not read all its entries: first those with
exactly the name, then entries with all words and much support, then the others. Words that no entry has are
replaced by those within an edit or two.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import asyncpg

from queries import database
from songnodes.domain import search_terms
from songnodes.domain.search_terms import Alternatives

Kind = Literal["track", "artist", "set", "label"]
KINDS: tuple[Kind, ...] = ("track", "artist", "set", "label")
MAX_LIMIT = 100
#: Levels of support in gold_search, best first, with the most entries to read; the last has all entries.
LEVELS = (("HIGH", 300), ("MEDIUM", 150), (None, 150))
MAX_NAMED = 150
MAX_NEAR_WORDS = 100  # per form
#: Entries that are scored, the best supported ones.
MAX_DESCRIBED = 150
#: A shorter last word is no prefix: it would have too many continuations.
MIN_PREFIX_LENGTH = 2

_FILE = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry that was found.

    `detail`: artists of a track, roles of an artist, DJs and date of a set, genres of a label. `support`:
    distinct DJs, of a set its identified rows. `score`: order of the results, above 0. `corrected`: words
    were replaced by others.
    """

    kind: Kind
    id: str
    name: str
    detail: str
    support: int
    score: float
    corrected: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the hit as a dictionary."""
        return asdict(self)


async def search(
    connection: asyncpg.Connection, text: str, *, kinds: Sequence[Kind] = KINDS, limit: int = 20
) -> list[Hit]:
    """Return the best hits, best first, at most `limit` (1 to 100). The last word may be incomplete."""
    parts = search_terms.query_parts(text)
    if not parts:
        return []
    most = max(1, min(limit, MAX_LIMIT))
    key = search_terms.name_key(text)
    named = await database.rows(connection, _FILE, "named", key, list(kinds), MAX_NAMED)
    entries = [*named, *await _entries(connection, parts, kinds, most)]
    hits = await _described(connection, entries, key, corrected=False)
    if not hits:
        corrected = await _corrected(connection, parts)
        if corrected != parts:
            entries = await _entries(connection, corrected, kinds, most)
            words = {word for part in corrected for way in part for word in way}
            hits = await _described(connection, entries, key, corrected=True, words=words)
    return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:most]


async def _entries(
    connection: asyncpg.Connection, parts: Sequence[Alternatives], kinds: Sequence[Kind], enough: int
) -> list[Mapping[str, Any]]:
    """Return entries with all parts, by level, until there are enough."""
    entries: dict[tuple[str, str], Mapping[str, Any]] = {}
    for level, most in LEVELS:
        query = ts_query(parts, kinds, level)
        for entry in await database.rows(connection, _FILE, "with_words", query, most):
            entries[entry["kind"], entry["id"]] = entry
        if len(entries) >= enough:
            break
    return list(entries.values())


def ts_query(parts: Sequence[Alternatives], kinds: Sequence[Kind], level: str | None) -> str:
    """Return the text of a tsquery: all parts, one of the kinds, the level.

    Words have letters and digits only, so nothing in them is an operator.
    """
    last = len(parts) - 1
    conditions = [
        " | ".join(f"({_conjunction(words, is_last=number == last)})" for words in part)
        for number, part in enumerate(parts)
    ]
    if set(kinds) != set(KINDS):
        conditions.append(" | ".join(f"'{kind.upper()}'" for kind in kinds))
    if level is not None:
        conditions.append(f"'{level}'")
    return " & ".join(f"({condition})" for condition in conditions)


def _conjunction(words: Sequence[str], *, is_last: bool) -> str:
    terms = [f"'{word}'" for word in words]
    if is_last and len(words[-1]) >= MIN_PREFIX_LENGTH:
        terms[-1] += ":*"
    return " & ".join(terms)


async def _corrected(
    connection: asyncpg.Connection, parts: Sequence[Alternatives]
) -> tuple[Alternatives, ...]:
    """Return the parts with alike words as further ways to write each part of one word."""
    words = sorted({way[0] for part in parts for way in part if len(way) == 1})
    near: dict[str, tuple[str, ...]] = {}
    for word in words:
        forms = search_terms.deletions(word)
        candidates = await database.rows(connection, _FILE, "near_words", forms, MAX_NEAR_WORDS)
        near[word] = search_terms.alike(word, [row["word"] for row in candidates])
    return tuple(
        (*part, *((similar,) for way in part if len(way) == 1 for similar in near[way[0]])) for part in parts
    )


async def _described(
    connection: asyncpg.Connection,
    entries: Sequence[Mapping[str, Any]],
    key: str,
    *,
    corrected: bool,
    words: frozenset[str] | set[str] = frozenset(),
) -> list[Hit]:
    unique = sorted({(entry["kind"], entry["id"]) for entry in entries})
    columns = [list(column) for column in zip(*unique, strict=True)] or [[], []]
    rows = await database.rows(connection, _FILE, "described", *columns, MAX_DESCRIBED)
    wanted = words or set(key.split())
    return [
        replace(hit, score=_score(hit, key, wanted))
        for hit in (Hit(**row, score=0.0, corrected=corrected) for row in rows)
    ]


def _score(hit: Hit, key: str, wanted: frozenset[str] | set[str]) -> float:
    """Return 1 for the exact name, up to 1 for the words in common, and support on a log scale."""
    name = search_terms.name_key(hit.name)
    of_name = set(name.split())
    of_all = of_name | set(search_terms.name_key(hit.detail).split())
    in_common = len(wanted & of_all) / max(1, len(of_name | wanted))
    exact = 1.0 if key in (name, search_terms.name_key(f"{hit.detail} {hit.name}")) else 0.0
    return exact + in_common + 0.25 * math.log10(1 + hit.support)
