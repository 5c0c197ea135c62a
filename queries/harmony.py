"""Keys, tempi and transitions for questions: which keys fit, and what a sequence of tracks does."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg

from queries import database
from queries.database import Row
from songnodes.domain import harmonic
from songnodes.domain.harmonic import CLASH, MAX_BPM_DIFFERENCE
from songnodes.domain.keys import Key
from songnodes.domain.keys.notation import read_key
from songnodes.domain.keys.wheel import ALL
from songnodes.errors import UserError

#: A step that a listener hears: energies are from 0 to 1.
ENERGY_STEP = 0.25


#: Differences in tempo within which partners are read, in BPM: the next if farther ones may be better.
TEMPO_STEPS = (0.01, 0.1, 0.5, 2.0, MAX_BPM_DIFFERENCE)
#: Part of the score of the last stored partner that the next ones have.
SCORE_MARGIN = 0.99


async def partners(
    connection: asyncpg.Connection,
    track_id: str,
    genre: str | None = None,
    limit: int = 20,
    after: Sequence[Any] = (None, None),
) -> list[Row]:
    """Return the tracks that mix with a track by key and tempo, best first; of one genre if one is given.

    `after` is the score and id of the last one before.
    """
    rows: list[Row] = []
    bounds = await database.row(connection, "tracks", "partner_bounds", track_id)
    confidence = float(bounds["confidence"]) if bounds else 1.0
    stored = bounds["stored_score"] if bounds and genre is None and after[0] is None else None
    for difference in _tempo_steps(stored, confidence):
        rows = await database.rows(
            connection, "tracks", "harmonic", track_id, genre, limit, difference, *after
        )
        farther = (1 - difference / MAX_BPM_DIFFERENCE) * confidence  # the highest score beyond
        if len(rows) == limit and rows[-1]["score"] > farther:
            break
    return rows


def _tempo_steps(stored_score: float | None, confidence: float) -> Sequence[float]:
    """Return the differences in tempo to read within, at first that of partners which refresh stored."""
    if not stored_score:
        return TEMPO_STEPS
    first = MAX_BPM_DIFFERENCE * (1 - stored_score * SCORE_MARGIN / confidence)
    return (max(first, TEMPO_STEPS[0]), *(step for step in TEMPO_STEPS if step > first))


async def best_partners(
    connection: asyncpg.Connection, track_id: str, genre: str | None, limit: int
) -> list[Row]:
    """Return the first partners as refresh stored them; those of now where it has not stored enough."""
    if genre is None:
        rows = await database.rows(connection, "tracks", "stored_partners", track_id, limit)
        if len(rows) == limit:
            return rows
    return await partners(connection, track_id, genre, limit)


async def between(connection: asyncpg.Connection, pairs: Sequence[tuple[str, str]]) -> list[Row | None]:
    """Return per pair of tracks the one that mixes best after the first and before the second.

    It has the best score, the worse of that after the first and that before the second; of equals the one of
    most DJs.
    """
    if not pairs:
        return []
    firsts, seconds = ([pair[end] for pair in pairs] for end in (0, 1))
    rows = await database.rows(connection, "sets", "between", firsts, seconds)
    best = {row["pair"]: row for row in rows}
    return [best.get(number) for number in range(1, len(pairs) + 1)]


class UnknownKey(UserError):
    """This is no key"""

    remedy = "Keys are written as 8A, Am, A minor or 1m"


def parse_key(text: str) -> Key:
    """Return the key. Raises UnknownKey."""
    key = read_key(text)
    if key is None:
        raise UnknownKey(text)
    return key


def fitting_keys(key: Key) -> list[str]:
    """Return the Camelot codes of the keys that mix after a key without a clash, the best first."""
    relations = [(harmonic.relation(key, following), following) for following in ALL]
    fitting = [
        (-relation.weight, following.camelot) for relation, following in relations if relation is not CLASH
    ]
    return [camelot for _, camelot in sorted(fitting)]


def tempo_range(bpm: float, percent: float) -> tuple[float, float]:
    """Return the lowest and highest tempo within some percent."""
    return bpm * (1 - percent / 100), bpm * (1 + percent / 100)


async def fitting(
    connection: asyncpg.Connection,
    keys: Sequence[str] | None,
    tempi: tuple[float, float] | None,
    genre: str | None,
    limit: int,
) -> list[Row]:
    """Return the tracks in some keys, between two tempi and of a primary genre, by popularity.

    Half and double tempo fit. What is None does not matter.
    """
    low, high = tempi or (None, None)
    if genre is None:
        return await database.rows(connection, "tracks", "fitting", keys, low, high, limit)
    return await database.rows(connection, "tracks", "fitting_of_genre", keys, low, high, limit, genre)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Change from one track to the next. None where a value is missing on one side.

    `relation`: name of the harmonic move. `class_`: perfect, compatible, possible or clash. `bpm_percent`:
    change of tempo, half and double folded. `energy_step`: change of energy, -1 to 1. `warnings`: what a
    listener may hear.
    """

    relation: str | None
    class_: str | None
    bpm_change: float | None
    bpm_percent: float | None
    energy_step: float | None
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the transition as a dictionary, with `class` for `class_`."""
        row = asdict(self)
        return {"class" if name == "class_" else name: value for name, value in row.items()}


def transition(current: Mapping[str, Any], following: Mapping[str, Any]) -> Transition:
    """Return the transition between rows with camelot, bpm and energy."""
    keys = [read_key(row["camelot"]) if row["camelot"] else None for row in (current, following)]
    relation = harmonic.relation(keys[0], keys[1]) if keys[0] and keys[1] else None
    tempo = (
        harmonic.tempo_change(float(current["bpm"]), float(following["bpm"]))
        if current["bpm"] and following["bpm"]
        else None
    )
    energy = (
        following["energy"] - current["energy"]
        if current["energy"] is not None and following["energy"] is not None
        else None
    )
    return Transition(
        relation=relation.move if relation else None,
        class_=relation.kind if relation else None,
        bpm_change=round(tempo.difference, 2) if tempo else None,
        bpm_percent=round(tempo.percent, 2) if tempo else None,
        energy_step=round(energy, 3) if energy is not None else None,
        warnings=tuple(_warnings(relation, tempo, energy)),
    )


def _warnings(
    relation: harmonic.Relation | None, tempo: harmonic.Tempo | None, energy: float | None
) -> Sequence[str]:
    warnings = []
    if relation is CLASH:
        warnings.append("keys clash")
    elif relation is not None and relation.cut_only:
        warnings.append("cut, do not blend")
    if tempo is not None and abs(tempo.difference) > MAX_BPM_DIFFERENCE:
        warnings.append("tempo over 6 BPM")
    if energy is not None and abs(energy) > ENERGY_STEP:
        warnings.append("energy jumps" if energy > 0 else "energy drops")
    return warnings
