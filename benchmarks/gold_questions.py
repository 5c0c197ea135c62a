"""Questions over a generated world: the four printed queries, the views of gold, and each command.

Each round has another name, track, artist, DJ, label, set, place or period. Tracks, DJs and labels are drawn
by their plays, so popular ones, whose answers cost most, come often.
"""

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import asyncpg

from benchmarks.gold_world import DAYS, GENRES, World
from benchmarks.server_time import Question
from queries import cuts, database, entities, lineage
from queries.artist_commands import ARTIST_LISTS, DJ_LISTS, artist_with, label_with
from queries.cuts import Cut
from queries.harmony import fitting, fitting_keys, partners, tempo_range
from queries.search import search
from queries.set_commands import checked, set_rows
from songnodes.domain.keys.wheel import ALL
from songnodes.domain.labels import label_id

PRINTED = Path(__file__).parents[1] / "demo" / "queries"
SAMPLES = 200
LIMIT = 20
Make = Callable[[], Question]
Questions = Mapping[str, Make]


class Samples:
    """Names and ids of a world that questions are about."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.rows: list[asyncpg.Record] = []

    async def draw(self, connection: asyncpg.Connection) -> None:
        """Draw plays: each with its track, artist, label, set and DJ."""
        sets = [f"mixesdb:{self.chance.randint(1, self.world.sets)}" for _ in range(SAMPLES)]
        self.rows = await connection.fetch(
            "SELECT playlist_id, plays.track_id, plays.artist_ids[1] AS artist_id, dj_ids[1] AS dj_id, label,"
            " tracks.track_name, tracks.primary_artist"
            " FROM silver_playlist_tracks AS plays JOIN silver_enriched_playlists USING (playlist_id)"
            " JOIN silver_enriched_tracks AS tracks ON tracks.track_id = plays.track_id"
            " WHERE playlist_id = ANY ($1) AND row_index = 3",
            sets,
        )

    def one(self, column: str) -> str:
        """Return a value of a play."""
        return str(self.chance.choice(self.rows)[column])

    def country(self) -> str:
        """Return a country, frequent ones more often."""
        return f"Country {int(60 * self.chance.random() ** 2)}"

    def venue(self) -> str:
        """Return a venue, frequent ones more often."""
        return f"Venue {int(max(10, self.world.tracks // 200) * self.chance.random() ** 2)}"

    def genre(self) -> str:
        """Return a genre."""
        return self.chance.choice(GENRES)

    def period(self, days: int) -> tuple[date, date]:
        """Return the first and the last of some days."""
        first = self.world.first + timedelta(days=self.chance.randrange(DAYS - days))
        return first, first + timedelta(days=days - 1)

    def year(self) -> tuple[date, date]:
        """Return the first and the last day of a calendar year that has sets on all days."""
        year = self.chance.randint(self.world.first.year + 1, self.world.last.year - 1)
        return date(year, 1, 1), date(year, 12, 31)

    def month(self) -> tuple[date, date]:
        """Return the first and the last day of a calendar month."""
        first = self.period(60)[0].replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def printed(samples: Samples) -> Questions:
    """Return the four queries as printed, the first two about another track each round."""
    queries = {path.stem: path.read_text() for path in sorted(PRINTED.glob("*.sql"))}

    def history() -> Question:
        track, artist = (samples.one(name).split()[0] for name in ("track_name", "primary_artist"))
        text = (
            queries["1_track_history"].replace("%strobe%", f"%{track}%").replace("%deadmau5%", f"%{artist}%")
        )
        return lambda connection: connection.fetch(text)

    def harmonic() -> Question:
        row = samples.chance.choice(samples.rows)
        text = queries["2_harmonic_matches"]
        text = text.replace("'Strobe'", _quoted(row["track_name"]))
        text = text.replace("'Deadmau5'", _quoted(row["primary_artist"]))
        return lambda connection: connection.fetch(text)

    return {
        "1 track history": history,
        "2 harmonic matches": harmonic,
        "3 quality report": lambda: lambda connection: connection.fetch(queries["3_quality_report"]),
        "4 trending this month": lambda: (
            lambda connection: connection.fetch(queries["4_trending_this_month"])
        ),
    }


#: Views, each for one track, artist, DJ, genre or set: column of the samples, and rest of the statement.
VIEWS = {
    "gold_top_tracks_by_genre": ("genre", "WHERE genre = $1 AND rank <= 20"),
    "gold_harmonic_mixing_recommendations": (
        "track_id",
        "WHERE source_track_id = $1 ORDER BY score DESC LIMIT 20",
    ),
    "gold_artist_collaboration_network": ("artist_id", "WHERE artist_1_id = $1 OR artist_2_id = $1"),
    "gold_next_tracks": ("track_id", "WHERE track_id = $1 ORDER BY score DESC LIMIT 20"),
    "gold_transitions": (
        "track_id",
        "WHERE from_track_id = $1 ORDER BY dj_count DESC, set_count DESC LIMIT 20",
    ),
    "gold_track_supporters": ("track_id", "WHERE track_id = $1 ORDER BY place LIMIT 20"),
    "gold_track_ages": ("track_id", "WHERE track_id = $1"),
    "gold_dj_breaks": ("dj_id", "WHERE dj_id = $1"),
    "gold_artist_overview": ("artist_id", "WHERE artist_id = $1"),
    "gold_playlist_trends": ("playlist_id", "WHERE playlist_id = $1"),
    "gold_plays": ("track_id", "WHERE track_id = $1"),
    "gold_unreleased": ("", "ORDER BY dj_count DESC LIMIT 20"),
    "gold_climbers": ("", "WHERE window_days = 28 ORDER BY rise DESC LIMIT 20"),
    "track_history": ("track_id", "WHERE track_id = $1 LIMIT 100"),
}


def views(samples: Samples) -> Questions:
    """Return a question per view."""

    def question(view: str, column: str, rest: str) -> Question:
        statement = " ".join(("SELECT * FROM", view, rest))
        arguments = [samples.genre() if column == "genre" else samples.one(column)] if column else []
        return lambda connection: connection.fetch(statement, *arguments)

    return {view: partial(question, view, *of) for view, of in VIEWS.items()}


def searches(samples: Samples, words: list[str]) -> Questions:
    """Return searches by words of all frequencies, and by key, tempo and genre."""
    chance = samples.chance
    texts: dict[str, Callable[[], str]] = {
        "search, one of the 20 most frequent words": lambda: chance.choice(words[:20]),
        "search, a word of any frequency": lambda: chance.choice(words),
        "search, two words": lambda: f"{chance.choice(words[:200])} {chance.choice(words[:2000])}",
        "search, the beginning of a word": lambda: chance.choice(words)[:3],
        "search, a misspelled word": lambda: misspelled(chance, chance.choice(words)),
    }

    def by_name(make: Callable[[], str]) -> Question:
        text = make()
        return lambda connection: search(connection, text)

    def fits(genre: str | None) -> Question:
        tempi = tempo_range(chance.uniform(118, 134), 3)
        keys = fitting_keys(chance.choice(ALL))
        return lambda connection: fitting(connection, keys, tempi, genre, LIMIT)

    return {
        **{name: partial(by_name, make) for name, make in texts.items()},
        "search --fits --bpm": lambda: fits(None),
        "search --fits --bpm --genre": lambda: fits(samples.genre()),
    }


def commands(samples: Samples) -> Questions:
    """Return the questions of the commands but `search` and `top` of a part."""

    def rows(file: str, name: str, *arguments: object) -> Question:
        return lambda connection: database.rows(connection, file, name, *arguments)

    def of_track(file: str, name: str, *more: object) -> Make:
        return lambda: rows(file, name, samples.one("track_id"), *more)

    def harmonic() -> Question:
        track = samples.one("track_id")
        return lambda connection: partners(connection, track)

    def artist(column: str, parts: tuple[tuple[str, str], ...]) -> Question:
        artist_id = samples.one(column)
        return lambda connection: artist_with(connection, artist_id, parts, LIMIT)

    def label() -> Question:
        name = label_id(samples.one("label")) or ""
        return lambda connection: label_with(connection, name, LIMIT)

    def listed_set() -> Question:
        playlist_id = samples.one("playlist_id")
        return lambda connection: set_rows(connection, playlist_id)

    def check() -> Question:
        playlist_id = samples.one("playlist_id")

        async def ask(connection: asyncpg.Connection) -> object:
            return await checked(connection, await set_rows(connection, playlist_id))

        return ask

    def find() -> Question:
        track = samples.one("track_id")
        return lambda connection: entities.find(connection, "track", track)

    def lineage_of() -> Question:
        track = samples.one("track_id")
        return lambda connection: lineage.track_rows(connection, track)

    return {
        "top": lambda: rows("tracks", "top", LIMIT),
        "top --genre": lambda: rows("tracks", "top_of_genre", LIMIT, samples.genre()),
        "trending": lambda: rows("tracks", "trending", LIMIT),
        "trending --genre": lambda: rows("tracks", "trending_of_genre", LIMIT, samples.genre()),
        "genres, before a --genre": lambda: rows("tracks", "genres"),
        "climbers": lambda: rows("charts", "climbers", 28, None, LIMIT),
        "a track by its id": find,
        "track": of_track("tracks", "track"),
        "track, supporters": of_track("tracks", "supporters", LIMIT),
        "track, sets": of_track("tracks", "sets_with", LIMIT),
        "track, rank and age": of_track("charts", "year"),
        "harmonic": harmonic,
        "next": of_track("tracks", "next", None, LIMIT),
        "unreleased": lambda: rows("tracks", "unreleased", LIMIT),
        "artist": partial(artist, "artist_id", ARTIST_LISTS),
        "dj": partial(artist, "dj_id", DJ_LISTS),
        "label": label,
        "set": listed_set,
        "check, a set of 25": check,
        "lineage, of a track": lineage_of,
        "report, stored": lambda: _stored_report,
    }


def cut_questions(samples: Samples) -> Questions:
    """Return rankings of a part of the plays, as `top` answers them."""

    def question(genre: bool, make: Callable[[], Cut]) -> Question:
        cut, chosen = make(), samples.genre() if genre else None
        return lambda connection: cuts.top(connection, cut, chosen, LIMIT)

    def within(days: tuple[date, date], **places: str) -> Cut:
        return Cut(first=days[0], last=days[1], **places)

    makers: dict[str, tuple[bool, Callable[[], Cut]]] = {
        "top --country": (False, lambda: Cut(country=samples.country())),
        "top --venue": (False, lambda: Cut(venue=samples.venue())),
        "top --type": (False, lambda: Cut(set_type="festival")),
        "top, a calendar year": (False, lambda: within(samples.year())),
        "top, a calendar year --genre": (True, lambda: within(samples.year())),
        "top, a calendar month": (False, lambda: within(samples.month())),
        "top --country, a calendar year": (False, lambda: within(samples.year(), country=samples.country())),
        "top --type, a calendar month": (False, lambda: within(samples.month(), set_type="radio")),
        "top, 7 days": (False, lambda: within(samples.period(7))),
        "top, 28 days": (False, lambda: within(samples.period(28))),
        "top, 28 days --genre": (True, lambda: within(samples.period(28))),
        "top --country, 28 days": (False, lambda: within(samples.period(28), country=samples.country())),
        "top --type, 28 days": (False, lambda: within(samples.period(28), set_type="radio")),
        "top --country --type": (False, lambda: Cut(country=samples.country(), set_type="radio")),
        "top, any 365 days": (False, lambda: within(samples.period(365))),
    }
    return {name: partial(question, *of) for name, of in makers.items()}


def misspelled(chance: random.Random, word: str) -> str:
    """Return the word with one letter replaced."""
    place = chance.randrange(len(word))
    return word[:place] + chance.choice("aeiou") + word[place + 1 :]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


async def _stored_report(connection: asyncpg.Connection) -> object:
    return await connection.fetch(
        "SELECT sections FROM gold_reports ORDER BY year DESC, edition DESC LIMIT 1"
    )
