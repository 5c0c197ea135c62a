"""Pages of a world without HTTP: the responses that a crawl would receive, as bodies or as saved files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from demo import markup
from demo.markup import slug
from demo.sets import DemoSet
from demo.shapes import mixcloud, mixesdb, ra
from demo.world import site_playlists
from demo.world.site_playlists import SitePlaylist
from demo.world.truth import TrueEvent
from demo.world.world import World

HTML, JSON = "text/html; charset=utf-8", "application/json; charset=utf-8"
REVEALED_AFTER = timedelta(days=4)  # from a page's first fetch to its second, where there was time for one
MAX_NAME_LENGTH = 90  # characters of a file name


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One response. `name` is unique among all of a world."""

    name: str
    url: str
    content_type: str
    body: bytes
    fetched_at: datetime


def of_world(world: World) -> Iterator[Body]:
    """Yield all pages, set by set: memory does not grow with the world."""
    emitted: set[str] = set()
    for true in world.sets():
        for site_playlist in site_playlists.of_set(world, true):
            yield from of_playlist(world, site_playlist)
        event = true.event
        if event and event.listed and event.native_id not in emitted:
            emitted = {event.native_id}  # sets of one night are neighbours
            yield of_event(event)


def of_playlist(world: World, site_playlist: SitePlaylist) -> Iterator[Body]:
    """Yield all versions of a set on a site, oldest first."""
    today = datetime.combine(world.as_of, time(), UTC)
    for edition, shown in enumerate(site_playlist.versions, start=1):
        at = min(shown.fetched_at + (edition - 1) * REVEALED_AFTER, today - timedelta(hours=3 - edition))
        yield _main(site_playlist, shown, edition, at)
        if site_playlist.form == "sections":
            url = f"https://app.mixcloud.com/graphql#/{shown.native_id}/"
            body = mixcloud.sections(site_playlist, edition)
            yield Body(
                name=_name("sections", shown, edition), url=url, content_type=JSON, body=body, fetched_at=at
            )


def write(world: World, directory: Path) -> Iterator[Path]:
    """Write all pages as files with their sidecars, as `songnodes ingest` reads them; yield each page."""
    directory.mkdir(parents=True, exist_ok=True)
    for page in of_world(world):
        file = directory / page.name
        file.write_bytes(page.body)
        sidecar = {
            "url": page.url,
            "fetched_at": page.fetched_at.isoformat(),
            "status": 200,
            "headers": {"content-type": page.content_type},
        }
        file.with_name(f"{file.name}.meta.json").write_text(json.dumps(sidecar), encoding="utf-8")
        yield file


def _main(site_playlist: SitePlaylist, shown: DemoSet, edition: int, at: datetime) -> Body:
    match site_playlist.site:
        case "1001tracklists":
            url, body, kind = markup.url(shown), markup.render(shown).encode(), HTML
        case "mixesdb":
            url, body, kind = mixesdb.rest_url(shown), mixesdb.rest_page(shown), JSON
        case "mixcloud":
            url, body, kind = (
                f"{mixcloud.API}/{shown.native_id}/",
                mixcloud.cloudcast(site_playlist, edition),
                JSON,
            )
    return Body(
        name=_name(site_playlist.site, shown, edition), url=url, content_type=kind, body=body, fetched_at=at
    )


def of_event(event: TrueEvent) -> Body:
    """Return the page of an event."""
    return Body(
        name=f"ra-{event.native_id}.json",
        url=f"{ra.ROOT}/events/{event.native_id}",
        content_type=JSON,
        body=ra.detail(event),
        fetched_at=datetime.combine(event.day, time(), UTC),
    )


def _name(kind: str, shown: DemoSet, edition: int) -> str:
    ending = "html" if kind == "1001tracklists" else "json"
    return f"{kind}-{slug(shown.native_id)[:MAX_NAME_LENGTH]}-{shown.day}-v{edition}.{ending}"
