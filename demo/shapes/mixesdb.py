"""Responses of MixesDB: wikitext of a mix, the REST page, the REST search, the lists of the MediaWiki API."""

import json
from collections.abc import Sequence
from hashlib import sha256
from random import Random
from typing import Any
from urllib.parse import quote

from demo.sets import DemoRow, DemoSet
from demo.world import frequencies
from demo.world.site_playlists import mixesdb_title

ROOT = "https://www.mixesdb.com"
#: Of the mixes with times: whole minutes, or minutes and seconds (3 of 8 pages that phaze counted).
MINUTES = 5 / 8
LISTED = 0.3  # of the mixes have their rows between <list> and </list>
LICENCE = {"url": "https://creativecommons.org/licenses/by-sa/3.0/us/", "title": "CC BY-SA 3.0 US"}


def rest_url(shown: DemoSet) -> str:
    """Return the address of the mix in the REST API."""
    return f"{ROOT}/w/rest.php/v1/page/{quote(shown.native_id, safe='')}"


def rest_page(shown: DemoSet) -> bytes:
    """Render a mix as `rest.php/v1/page/<key>` returns it."""
    title = mixesdb_title(shown)
    value = {
        "id": page_number(shown),
        "key": title.replace(" ", "_"),
        "title": title,
        "latest": {"id": revision(shown), "timestamp": f"{shown.day}T12:00:00Z"},
        "content_model": "wikitext",
        "license": LICENCE,
        "source": wikitext(shown),
    }
    return _json(value)


def missing_page(key: str) -> bytes:
    """Render the REST response for a page that does not exist; the status is 404."""
    return _json(
        {"errorKey": "rest-nonexistent-title", "httpCode": 404, "httpReason": "Not Found", "title": key}
    )


def search(mixes: Sequence[DemoSet]) -> bytes:
    """Render a response of the REST search."""
    return _json(
        {
            "pages": [
                {
                    "id": page_number(shown),
                    "key": mixesdb_title(shown).replace(" ", "_"),
                    "title": mixesdb_title(shown),
                    "excerpt": "",
                    "matched_title": None,
                }
                for shown in mixes
            ]
        }
    )


def members(name: str, mixes: Sequence[DemoSet], carry_on: dict[str, str]) -> bytes:
    """Render a list of the API: `categorymembers`, `recentchanges`, `search`; `carry_on`: its next part."""
    listed = [
        {
            "pageid": page_number(shown),
            "ns": 0,
            "title": mixesdb_title(shown),
            **({"revid": revision(shown), "type": "edit"} if name == "recentchanges" else {}),
        }
        for shown in mixes
    ]
    more: dict[str, Any] = {"continue": {**carry_on, "continue": "-||"}} if carry_on else {}
    return _json({"batchcomplete": True, **more, "query": {name: listed}})


def texts(mixes: Sequence[DemoSet], absent: Sequence[str]) -> bytes:
    """Render `prop=revisions` of several titles, in another order than the query has them."""
    pages: list[dict[str, Any]] = [
        {
            "pageid": page_number(shown),
            "ns": 0,
            "title": mixesdb_title(shown),
            "revisions": [
                {
                    "revid": revision(shown),
                    "slots": {"main": {"contentmodel": "wikitext", "content": wikitext(shown)}},
                }
            ],
        }
        for shown in sorted(mixes, key=page_number)
    ]
    pages += ({"ns": 0, "title": title, "missing": True} for title in absent)
    return _json({"batchcomplete": True, "query": {"pages": pages}})


def error(code: str, info: str) -> bytes:
    """Render an error of the API, which has the status 200."""
    return _json({"error": {"code": code, "info": info}})


def page_number(shown: DemoSet) -> int:
    """Return the wiki's number of the page."""
    return 100_000 + int(sha256(shown.native_id.encode()).hexdigest()[:6], 16)


def revision(shown: DemoSet) -> int:
    """Return the number of the page's newest revision."""
    return page_number(shown) * 10 + shown.version


def wikitext(shown: DemoSet) -> str:
    """Render the mix as wikitext."""
    random = Random(shown.native_id)
    minutes, as_list = random.random() < MINUTES, random.random() < LISTED
    lines = [f"{{{{Player|https://audio.example/{quote(shown.native_id)}}}}}", "", "== Tracklist =="]
    lines += ["<list>"] if as_list and not shown.halves else []
    half = len(shown.rows) // 2
    for place, row in enumerate(shown.rows):
        if shown.halves and place in (0, half):
            lines.append(f";Part {1 if place == 0 else 2}")
        line = f"{_cue(row, minutes)}{'w/ ' if row.joined else ''}{text(shown, row)}"
        lines.append(line if as_list and not shown.halves else f"# {line}")
    lines += ["</list>"] if as_list and not shown.halves else []
    return "\n".join([*lines, "", *(f"[[Category:{name}]]" for name in categories(shown)), ""])


def categories(shown: DemoSet) -> list[str]:
    """Year, DJs, show or venue, styles, and how complete the tracklist is."""
    whole = all(row.state == "identified" for row in shown.rows)
    where = shown.venue or shown.event
    complete = f"Tracklist: {'complete' if whole else 'incomplete'}"
    return [str(shown.day.year), *shown.djs, where, *shown.styles, complete]


def label(shown: DemoSet, row: DemoRow) -> str | None:
    """Return the label in square brackets at the end of a line; None for most lines."""
    random = Random(f"{shown.native_id}/{row.row_id}")
    track = row.track
    if (
        track is None
        or not track.label
        or row.state != "identified"
        or random.random() >= frequencies.LABEL_SUFFIX.rate
    ):
        return None
    number = f" - {track.label[:3].upper()}{random.randint(1, 300):03d}" if random.random() < 0.5 else ""
    return f"{track.label.title()}{number}"


def cue(row: DemoRow, shown: DemoSet) -> int | None:
    """Return the seconds that a reader can know: whole minutes on most pages."""
    minutes = Random(shown.native_id).random() < MINUTES
    return None if row.cue is None else row.cue // 60 * 60 if minutes else row.cue


def text(shown: DemoSet, row: DemoRow) -> str:
    """Return the row's line, without its cue."""
    if row.state == "unidentified":
        return "?"
    if row.state == "artist_only" and row.track:
        return f"{row.track.credit} - ?"
    label_text = label(shown, row)
    return f"{row.text} [{label_text}]" if label_text else row.text


def _cue(row: DemoRow, minutes: bool) -> str:
    if row.cue is None:
        return ""
    if minutes:
        return f"[{row.cue // 60:02d}] "
    hours, rest = divmod(row.cue, 3600)
    return f"[{hours}:{rest // 60:02d}:{rest % 60:02d}] " if hours else f"[{rest // 60:02d}:{rest % 60:02d}] "


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


#: Paths for robots: the REST API is allowed, queries by action and title are not.
ROBOTS = "User-agent: *\nDisallow: /*?action=\nDisallow: /*?title=\n"
