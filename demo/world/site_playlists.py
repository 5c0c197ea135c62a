"""A set as the sites show it: each with its own rows, spellings and gaps, later a more complete version."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Literal

from demo.markup import slug
from demo.sets import DemoRow, DemoSet
from demo.world import frequencies, noise
from demo.world.people import normalize
from demo.world.truth import TrueSet
from demo.world.world import World, is_residency

Site = Literal["1001tracklists", "mixesdb", "mixcloud"]
#: Venue of the rows: on the page, in the API's old sections, in GraphQL's, in the description, nowhere.
Form = Literal["page", "old_sections", "sections", "description", "nothing"]

SITES: tuple[Site, ...] = ("1001tracklists", "mixesdb", "mixcloud")
SITE_SHARES = (0.62, 0.23, 0.15)  # of the sets, by their first site
FORMS: tuple[Form, ...] = ("old_sections", "sections", "description", "nothing")
FORM_SHARES = (0.25, 0.35, 0.3, 0.1)
FIRST_FETCH_DELAY = timedelta(days=1)  # from the set to its first site_playlist


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePlaylist:
    """A set on one site, in all its versions, the newest last."""

    site: Site
    form: Form
    number: int
    versions: tuple[DemoSet, ...]

    @property
    def native_id(self) -> str:
        """The set's id on its site."""
        return self.versions[0].native_id

    @property
    def playlist_id(self) -> str:
        """The playlist's id in the pipeline."""
        return f"{self.site}:{self.native_id}"

    def at(self, edition: int) -> DemoSet:
        """Return the version of the site in an edition of the world, from 1."""
        return self.versions[min(edition, len(self.versions)) - 1]

    def rows(self, edition: int) -> tuple[DemoRow, ...]:
        """Return the rows of an edition; empty if the site does not publish them."""
        return () if self.form == "nothing" else self.at(edition).rows


def of_world(world: World) -> Iterator[SitePlaylist]:
    """Every site_playlist of every set."""
    for true in world.sets():
        yield from of_set(world, true)


def of_set(world: World, true: TrueSet) -> tuple[SitePlaylist, ...]:
    """Return the playlists of a set: one, or two on different sites."""
    random = world.rng("telling", true.number)
    alone = len(true.djs) == 1
    open_to = [
        (site, share) for site, share in zip(SITES, SITE_SHARES, strict=True) if alone or site != "mixcloud"
    ]
    sites = random.choices([site for site, _ in open_to], [share for _, share in open_to])
    if random.random() < frequencies.ON_TWO_SITES:
        sites.append(random.choice([site for site, _ in open_to if site not in sites]))
    return tuple(_site_playlist(world, true, site, second=place > 0) for place, site in enumerate(sites))


def _site_playlist(world: World, true: TrueSet, site: Site, *, second: bool) -> SitePlaylist:
    random = world.rng(f"telling/{site}", true.number)
    form: Form = "page" if site != "mixcloud" else random.choices(FORMS, FORM_SHARES)[0]
    rows = list(true.rows)
    if site != "1001tracklists":
        rows = [row for row in rows if row.part_of is None]
    if second:
        rows = noise.drop_rows(random, rows)
    timed = random.random() < frequencies.CUES.rate
    newest = noise.unidentify_rows(random, [_with_cue(row, timed) for row in rows])
    newest = [
        noise.respell(random, row, by_hand=form in ("page", "description"), site=site) for row in newest
    ]
    shown = _shown(random, true, site, newest, second=second)
    versions = [shown]
    if random.random() < frequencies.LATER_VERSION:
        first = noise.first_version(random, newest, lambda: world.catalogue.pick(random))
        versions.insert(0, replace(shown, rows=tuple(first)))
        versions[1] = replace(shown, version=2)
    return SitePlaylist(site=site, form=form, number=true.number, versions=tuple(versions))


def _with_cue(row: DemoRow, timed: bool) -> DemoRow:
    return row if timed and not row.joined else replace(row, cue=None)


def _shown(random: Random, true: TrueSet, site: Site, rows: list[DemoRow], *, second: bool) -> DemoSet:
    venue = true.event.venue if true.event else None
    # of two days in a residency the first, dated a day late, would be the second
    may_slip = second and not is_residency(true.number // 2)
    slip = timedelta(days=1 if may_slip and random.random() < frequencies.NEXT_DAY else 0)
    shown = DemoSet(
        native_id="",
        djs=true.djs,
        day=true.day + slip,
        event=true.name,
        venue=venue.name if venue else None,
        city=venue.city if venue else None,
        country=venue.country if venue else None,
        styles=true.styles,
        rows=tuple(rows),
        seconds=true.seconds,
        halves=random.random() < 0.05,
        fetched_at=datetime.combine(true.day + FIRST_FETCH_DELAY, time(), UTC),
    )
    if site == "1001tracklists" and venue:
        shown = replace(shown, venue=f"{venue.name} {venue.city}")
    return replace(shown, native_id=_native_id(shown, site, true.number))


def _native_id(shown: DemoSet, site: Site, number: int) -> str:
    if site == "1001tracklists":
        return f"sn{number:05d}"
    if site == "mixesdb":
        return mixesdb_title(shown).replace(" ", "_")
    return f"{user(shown.djs[0])}/{slug(shown.event)}-{shown.day}"


def mixesdb_title(shown: DemoSet) -> str:
    """Return the title of a mix: "2026-05-01 - A, B @ Venue, City" or "2026-05-01 - A - Show"."""
    where = f"@ {shown.venue}, {shown.city}" if shown.venue else f"- {shown.event}"
    return f"{shown.day} - {', '.join(shown.djs)} {where}"


def user(dj: str) -> str:
    """Return the name under which a DJ uploads."""
    return slug(dj).replace("-", "") or f"dj{sum(map(ord, normalize(dj)))}"
