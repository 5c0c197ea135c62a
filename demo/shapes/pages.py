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
from demo.world import tellings
from demo.world.tellings import Telling
from demo.world.truth import Happening
from demo.world.world import World

HTML, JSON = "text/html; charset=utf-8", "application/json; charset=utf-8"
REVEALED_AFTER = timedelta(days=4)  # from a page's first fetch to its second, where there was time for one
LONGEST_NAME = 90  # characters of a file name


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
        for telling in tellings.of(world, true):
            yield from of_telling(world, telling)
        happening = true.happening
        if happening and happening.listed and happening.native_id not in emitted:
            emitted = {happening.native_id}  # sets of one night are neighbours
            yield _event(happening)


def of_telling(world: World, telling: Telling) -> Iterator[Body]:
    """Yield all versions of a set on a site, oldest first."""
    today = datetime.combine(world.as_of, time(), UTC)
    for edition, shown in enumerate(telling.versions, start=1):
        at = min(shown.fetched_at + (edition - 1) * REVEALED_AFTER, today - timedelta(hours=3 - edition))
        yield _main(telling, shown, edition, at)
        if telling.form == "sections":
            url = f"https://app.mixcloud.com/graphql#/{shown.native_id}/"
            body = mixcloud.sections(telling, edition)
            yield Body(
                name=_name("sections", shown, edition), url=url, content_type=JSON, body=body, fetched_at=at
            )


def write(world: World, directory: Path) -> Iterator[Path]:
    """Write all pages as files with their sidecars, as `songnodes ingest` reads them; yield each page."""
    directory.mkdir(parents=True, exist_ok=True)
    for page in of_world(world):
        file = directory / page.name
        file.write_bytes(page.body)
        beside = {
            "url": page.url,
            "fetched_at": page.fetched_at.isoformat(),
            "status": 200,
            "headers": {"content-type": page.content_type},
        }
        file.with_name(f"{file.name}.meta.json").write_text(json.dumps(beside), encoding="utf-8")
        yield file


def _main(telling: Telling, shown: DemoSet, edition: int, at: datetime) -> Body:
    match telling.site:
        case "1001tracklists":
            url, body, kind = markup.url(shown), markup.render(shown).encode(), HTML
        case "mixesdb":
            url, body, kind = mixesdb.rest_url(shown), mixesdb.rest_page(shown), JSON
        case "mixcloud":
            url, body, kind = f"{mixcloud.API}/{shown.native_id}/", mixcloud.cloudcast(telling, edition), JSON
    return Body(
        name=_name(telling.site, shown, edition), url=url, content_type=kind, body=body, fetched_at=at
    )


def _event(happening: Happening) -> Body:
    return Body(
        name=f"ra-{happening.native_id}.json",
        url=f"{ra.ROOT}/events/{happening.native_id}",
        content_type=JSON,
        body=ra.detail(happening),
        fetched_at=datetime.combine(happening.day, time(), UTC),
    )


def _name(kind: str, shown: DemoSet, edition: int) -> str:
    ending = "html" if kind == "1001tracklists" else "json"
    return f"{kind}-{slug(shown.native_id)[:LONGEST_NAME]}-{shown.day}-v{edition}.{ending}"
