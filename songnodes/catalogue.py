"""The tracks that exist: ids that a person types are checked before a decision is made on them."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import psycopg
from rapidfuzz import fuzz, process

from songnodes import sql
from songnodes.domain.lines.vocabulary import word_set
from songnodes.errors import PostgresUnreachable, TablesMissing, UserError
from songnodes.settings import Settings

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 10_000
SUGGESTIONS = 5
#: Tracks that are compared with an unknown id.
CANDIDATES = 5000
#: Similarity from 0 to 100 below which a track is no suggestion.
LEAST_SIMILARITY = 50
WORD = re.compile(r"[^\W_]{2,}")
#: Words that two tracks may share without having anything to do with each other.
COMMON_WORDS = word_set(
    """
    the a an and of to in on for feat ft featuring vs with mix remix edit original extended version dub club
    radio vip bootleg rework
    """
)


class UnknownTrack(UserError):
    """No track has this id"""

    remedy = "--force takes an id that is still to come"


def check(
    settings: Settings, ids: Iterable[str], *, force: bool = False, decided: bool = False
) -> dict[str, str]:
    """Return the names (`Artist - Title`) of those ids that are tracks.

    Raises UnknownTrack with the nearest ids for one that is none, unless `force`. With `decided`, an id that
    a decision was made on counts too: what was decided can be withdrawn. Raises PostgresUnreachable.
    """
    wanted = sorted(set(ids))
    try:
        with psycopg.connect(
            settings.require("database_url").database_url,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name="songnodes-decide",
            options=f"-c statement_timeout={STATEMENT_TIMEOUT_MS}",
        ) as connection:
            names = {track_id: text or "" for track_id, text in _rows(connection, "known", ids=wanted)}
            accepted = set(names)
            if decided:
                accepted |= {track_id for (track_id,) in _rows(connection, "decided", ids=wanted)}
            unknown = [track_id for track_id in wanted if track_id not in accepted]
            if unknown and not force:
                raise UnknownTrack(_suggestion(connection, unknown))
    except psycopg.errors.UndefinedTable as error:
        raise TablesMissing(str(error.diag.message_primary)) from error
    except psycopg.OperationalError as error:
        raise PostgresUnreachable(str(error).strip()) from error
    return names


def words(text: str) -> set[str]:
    """Return the distinctive words of a name or an id, in lower case."""
    return {word for word in WORD.findall(text.casefold()) if word not in COMMON_WORDS}


def have_no_word_in_common(names: Mapping[str, str], first: str, second: str) -> bool:
    """Return True if neither the names nor the ids of two tracks share a word."""
    return not (_all_words(names, first) & _all_words(names, second))


def nearest(wanted: str, candidates: Mapping[str, str], count: int = SUGGESTIONS) -> list[str]:
    """Return the ids of the candidates (id -> name) most similar to an id or a name, the best first."""
    texts = {track_id: f"{_readable(track_id)} {_readable(name)}" for track_id, name in candidates.items()}
    similar = process.extract(
        _readable(wanted), texts, scorer=fuzz.WRatio, limit=count, score_cutoff=LEAST_SIMILARITY
    )
    return [track_id for _, _, track_id in similar]


def _suggestion(connection: psycopg.Connection, unknown: Collection[str]) -> str:
    """Return the unknown ids, each with the nearest known ones."""
    parts = []
    for track_id in list(unknown)[:SUGGESTIONS]:
        near = nearest(track_id, _similar(connection, track_id))
        parts.append(f"{track_id} (nearest: {', '.join(near)})" if near else f"{track_id} (none is similar)")
    if len(unknown) > SUGGESTIONS:
        parts.append(f"and {len(unknown) - SUGGESTIONS} more")
    return "; ".join(parts)


def _similar(connection: psycopg.Connection, unknown: str) -> dict[str, str]:
    """Return tracks whose ids hold a word of this one, or the beginning of a word."""
    longest_words = sorted(words(unknown), key=len, reverse=True)
    patterns = [f"%{word}%" for word in longest_words[:4]]
    rows = _rows(connection, "like", patterns=patterns, limit=CANDIDATES) if patterns else []
    if not rows:  # a word was mistyped: its beginning or its end may still be right
        parts = [part for word in longest_words[:4] if len(word) > 4 for part in (word[:3], word[-3:])]
        patterns = [f"%{part}%" for part in parts]
        rows = _rows(connection, "like", patterns=patterns, limit=CANDIDATES) if patterns else []
    return {track_id: text or "" for track_id, text in rows}


def _all_words(names: Mapping[str, str], track: str) -> set[str]:
    return words(names.get(track, "")) | words(track.rpartition("-")[0])


def _readable(track: str) -> str:
    """Return the words of an id without its digest, or of a name."""
    return " ".join(WORD.findall(track.casefold()))


def _rows(connection: psycopg.Connection, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    return connection.execute(sql.query("songnodes", "catalogue", name).encode(), parameters).fetchall()
