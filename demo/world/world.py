"""The world: any of its sets and events by number, computed on demand: memory does not grow."""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random

from demo import names
from demo.tracks import DemoTrack
from demo.world import catalogue, frequencies, people, places, rows
from demo.world.catalogue import Catalogue
from demo.world.people import Cast
from demo.world.sizes import Size
from demo.world.truth import TrueEvent, TrueSet, Venue

SEED = 20_091_026  # the day Strobe came out; any other gives another world
MAX_AGE_DAYS = 600  # days
FRESH_DAYS = 45  # days: older sets cannot have fresh tracks
OWN_TRACK_SHARE = 0.08  # of the choices of a DJ who makes tracks
FIRST_EVENT = 1_900_000
LISTED_SHARE = 0.85  # of the nights are listed at Resident Advisor
RESIDENCY_INTERVAL = 17  # nights; then one DJ plays the same venue on two days: two sets
MAX_WARM_UP_ACTS = 4  # acts on a line-up without a tracklist


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A seed, a day, a size, and what follows from them. Sets are numbered from 0."""

    seed: int
    as_of: date
    size: Size
    cast: Cast
    catalogue: Catalogue
    venues: tuple[Venue, ...]

    def sets(self) -> Iterator[TrueSet]:
        """Iterate over all sets."""
        return map(self.set, range(self.size.sets))

    def set(self, number: int) -> TrueSet:
        """Return one set."""
        random = self.rng("set", number)
        age = self._age(number)
        event = self.event(number)
        djs = self.djs(number)
        chosen = self._chosen(random, number, djs, age)
        played = rows.played(random, number, chosen)
        genres = [row.track.genre for row in played if row.track and row.track.genre]
        styles = sorted(set(genres), key=lambda genre: (-genres.count(genre), genre))
        last = max((row.cue or 0 for row in played), default=0)
        has_length = random.random() < frequencies.PLAY_TIME.rate
        return TrueSet(
            number=number,
            djs=djs,
            day=event.day if event else self.as_of - timedelta(days=age),
            event=event,
            show=None if event else _show(random, number),
            styles=tuple(styles[: 2 if random.random() < frequencies.TWO_STYLES.rate else 1]),
            rows=tuple(played),
            seconds=last + random.randint(120, 300) if has_length else None,
        )

    def events(self) -> Iterator[TrueEvent]:
        """Yield all events that Resident Advisor lists."""
        yielded = set()
        for number in range(self.size.sets):
            event = self.event(number)
            if event and event.listed and event.native_id not in yielded:
                yielded.add(event.native_id)
                yield event

    def event(self, number: int) -> TrueEvent | None:
        """Return the event of a set; None for a show. Two sets of a night share it, except in a residency."""
        night, second = divmod(number, 2)
        random = self.rng("night", night)
        if random.random() >= frequencies.AT_VENUE.rate:
            return None
        resident = is_residency(night)
        both = [n for n in (2 * night, 2 * night + 1) if n < self.size.sets]
        acts = list(dict.fromkeys(dj for n in ([number] if resident else both) for dj in self.djs(n)))
        extra = [name for name in random.sample(self.cast.djs, MAX_WARM_UP_ACTS) if name not in acts]
        genres = tuple(random.sample(names.GENRES, random.choice((1, 1, 2))))
        venue = random.choice(self.venues)
        return TrueEvent(
            native_id=str(FIRST_EVENT + night * 2 + (second if resident else 0)),
            title=f"{random.choice(names.PLACES)[0]} {random.choice(names.FIRST_WORDS)}",
            day=self.as_of - timedelta(days=self._age(2 * night) - (second if resident else 0)),
            start=time(random.choice((21, 22, 23)), random.choice((0, 30))),
            end=time(random.choice((4, 5, 6))),
            venue=venue,
            lineup=tuple(acts + extra[: random.randint(0, MAX_WARM_UP_ACTS)]),
            promoter=f"{random.choice(names.FIRST_WORDS)} Nights",
            genres=genres if random.random() < frequencies.EVENT_GENRES.rate else (),
            listed=random.random() < LISTED_SHARE,
        )

    def djs(self, number: int) -> tuple[str, ...]:
        """Return the DJs of a set, alone as often as on real pages. Every DJ has some sets."""
        night, second = divmod(number, 2)
        if second and is_residency(night) and self.event(number - 1):
            return self.djs(number - 1)
        count = bisect(_DJ_SUMS, self.rng("djs", number).random() * _DJ_SUMS[-1]) + 1
        first = number % len(self.cast.djs)
        sampled = self.rng("others", number).sample(self.cast.djs, min(count + 2, len(self.cast.djs)))
        left = {self.cast.djs[first], *((self.djs(number - 1)) if second else ())}
        return (self.cast.djs[first], *[name for name in sampled if name not in left][: count - 1])

    def rng(self, about: str, number: int) -> Random:
        """Return the random generator of a name: the order of calls does not matter."""
        return Random(f"{self.seed}/{about}/{number}")

    def _age(self, number: int) -> int:
        """Return the days between a set and today, at least two: most sets are of the last 60 days."""
        random = self.rng("age", number)
        draw = random.random()
        if draw < 0.25:
            return random.randint(2, 14)
        return random.randint(15, 60) if draw < 0.65 else random.randint(61, MAX_AGE_DAYS)

    def _chosen(self, random: Random, number: int, djs: tuple[str, ...], age: int) -> list[DemoTrack]:
        """Choose distinct tracks for one set: popular ones, own ones, and only those released by then."""
        wanted = rows.length(random)
        by_id: dict[str, DemoTrack] = {}
        own = [place for dj in djs for place in self.catalogue.by_artist.get(dj, ())]
        if number % self.size.strobe_every == 0:
            by_id[self.catalogue.strobe.native_id] = self.catalogue.strobe
        while len(by_id) < wanted:
            track = self.catalogue.pick(random)
            if own and random.random() < OWN_TRACK_SHARE:
                track = self.catalogue.tracks[random.choice(own)]
            if not track.fresh or age <= FRESH_DAYS:
                by_id.setdefault(track.native_id, track)
        chosen = list(by_id.values())
        random.shuffle(chosen)
        return chosen


_DJ_SUMS = list(accumulate(frequencies.DJS))


@lru_cache(maxsize=2)
def make(size: Size, as_of: date, seed: int = SEED) -> World:
    """Create a world. Another day moves all its days, and nothing else."""
    random = Random(seed)
    cast = people.cast(random, size)
    return World(
        seed=seed,
        as_of=as_of,
        size=size,
        cast=cast,
        catalogue=catalogue.make(random, size, cast),
        venues=tuple(places.make(random, size.venues)),
    )


def is_residency(night: int) -> bool:
    """Return True if the two sets of a night are those of one DJ on two days."""
    return night % RESIDENCY_INTERVAL == 3


def _show(random: Random, number: int) -> str:
    return f"{random.choice(names.SHOWS)} {100 + number:03d}"
