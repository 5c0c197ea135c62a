"""Pages of 1001tracklists around the tracklist, which `demo.markup` has: lists of sets, the media response,
pages that replace others, and a page whose rows are inserted by its script."""

import json
from collections.abc import Sequence
from hashlib import sha256
from html import escape

from demo import markup
from demo.sets import DemoSet
from demo.tracks import DemoTrack

ROOT = markup.ROOT
#: The services of a media answer by the site's numbers.
BEATPORT, SPOTIFY = "1", "36"
BEATPORT_IDS = 900_000_000  # so many that no two tracks of a demo share one
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def listing(heading: str, path: str, sets: Sequence[DemoSet]) -> bytes:
    """Render a search, the home page, or the page of a DJ: they list sets in the same markup."""
    items = "\n".join(map(_item, sets))
    return f"""<!DOCTYPE html>
<html lang="en-US"><head><meta charset="utf-8"><title>{escape(heading)}</title>
<link rel="canonical" href="{ROOT}{path}"></head>
<body><h1>{escape(heading)}</h1>
{items}
</body></html>
""".encode()


def _item(shown: DemoSet) -> str:
    identified = sum(row.state == "identified" for row in shown.rows)
    share = f"all/{len(shown.rows)}" if identified == len(shown.rows) else f"{identified}/{len(shown.rows)}"
    hours, minutes = divmod((shown.seconds or 0) // 60, 60)
    length = f'<div title="play time">{hours}h {minutes}m </div>' if shown.seconds else ""
    views = f'<div class="badge views" title="tracklist views" data-count="{len(shown.rows)}"></div>'
    return f"""<div class="bItm action oItm" data-id="{shown.native_id}" id="{shown.native_id}">
<div class="bTitle"><a href="{markup.url(shown).removeprefix(ROOT)}" class="">{escape(shown.title)}</a></div>
<div class="mediaRow iRow">{views}<div title="tracklist date">{shown.day}</div>
<div title="creator"><a href="/user/demo/index.html">demo</a></div>
<div title="IDed tracks / total tracks">{share}</div>{length}
<div title="musicstyle(s)">{escape(", ".join(shown.styles))}</div></div></div>"""


def media(item: int, track: DemoTrack) -> bytes:
    """Render the ids of a track at shops. The response names the item of the request."""
    entries: list[dict[str, str | None]] = [
        {"source": BEATPORT, "playerId": str(beatport_id(track)), "duration": None},
        {"source": SPOTIFY, "playerId": spotify_id(track), "duration": str(track.seconds or "")},
    ]
    data = [
        {"type": "audio", "isDeleted": False, "idObject": "5", "idItem": str(item), **entry}
        for entry in entries
    ]
    return json.dumps({"success": True, "data": data}).encode()


def beatport_id(track: DemoTrack) -> int:
    """Return a number, of the track alone."""
    return int(track.native_id, 16) % BEATPORT_IDS


def spotify_id(track: DemoTrack) -> str:
    """22 letters and digits, of the track alone."""
    number = int(sha256(track.line.encode()).hexdigest(), 16)
    digits = ""
    for _ in range(22):
        number, place = divmod(number, len(LETTERS))
        digits += LETTERS[place]
    return digits


def limit_page() -> bytes:
    """Render the page that replaces others after too many requests; the status is 200."""
    return b"""<!DOCTYPE html><html lang="en-US"><head><title>Limited</title></head><body>
<p>Too many requests from here. Fill in the form to go on.</p>
<form method="post" action="/info/unblock_ip.html"><input type="submit"></form></body></html>
"""


def forwarding_page(shown: DemoSet) -> bytes:
    """Render the page that replaces another: its title, and a form that posts to its address; status 200."""
    return f"""<!DOCTYPE html><html lang="en-US"><head><title>{escape(shown.title)}</title>
<meta property="og:url" content="{markup.url(shown)}"></head><body>
<p>Please wait, you will be forwarded.</p><form method="post" action="{markup.url(shown)}"></form>
</body></html>
""".encode()


def scripted(shown: DemoSet) -> bytes:
    """Render the tracklist as a page that has its rows only after its script ran."""
    whole = markup.render(shown)
    start, end = whole.index('<div id="tlTab"'), whole.index("</body>")
    rows = json.dumps(whole[start:end]).replace("</", "<\\/")
    script = f"document.getElementById('later').innerHTML = {rows};"
    return f'{whole[:start]}<div id="later"></div><script>{script}</script>\n{whole[end:]}'.encode()
