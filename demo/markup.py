"""A demo set as a tracklist page: our own markup, with the class names and microdata that real pages have.

Nothing is copied from a page. What matters to a reader of the site is there: metas of the set and of each
row, the links of the heading, cues in three places, mashups with their parts, rows without microdata.
"""

import re
import unicodedata
from html import escape

from demo.sets import DemoRow, DemoSet
from demo.tracks import DemoTrack

ROOT = "https://www.1001tracklists.com"


def url(page: DemoSet) -> str:
    """Return the address of the page."""
    return f"{ROOT}/tracklist/{page.native_id}/{slug(page.title)}.html"


def slug(text: str) -> str:
    """Text as the site writes it into addresses: ASCII letters and digits with dashes."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def render(page: DemoSet) -> str:
    """Render the whole page."""
    title = escape(page.title)
    return f"""<!DOCTYPE html>
<html prefix="og: http://ogp.me/ns#" itemscope itemtype="http://schema.org/Article" lang="en-US">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="canonical" href="{url(page)}">
<meta property="og:url" content="{url(page)}">
<meta property="og:title" content="{title}">
<meta itemprop="author" content="demo">
<meta itemprop="genre" content="tracklist">
<meta itemprop="interactionCount" content="UserPageVisits:{_views(page)}">
<meta itemprop="interactionCount" content="UserLikes:{len(page.rows) % 7}">
</head>
<body>
<h1 id="pageTitle">{_heading(page)}</h1>
{_recording(page)}<div id="tlTab" itemscope itemtype="http://schema.org/MusicPlaylist" {_count(page)}>
{_set_metas(page)}
<div class="bItmH"><span>Demo page of SongNodes: invented DJs, invented sets</span></div>
{_rows(page)}
</div>
{_script(page)}
</body>
</html>
"""


def _views(page: DemoSet) -> int:
    return 100 * len(page.rows) + 37 * page.version


def _count(page: DemoSet) -> str:
    return f'data-id="{page.native_id}" data-islive="true" data-count="{len(page.rows)}"'


def _heading(page: DemoSet) -> str:
    djs = " &amp; ".join(
        f'<a href="/dj/{slug(name).replace("-", "")}/index.html">{escape(name)}</a>' for name in page.djs
    )
    event = f'<a href="/source/{_short(page.event)}/{slug(page.event)}/index.html">{escape(page.event)}</a>'
    places = [event]
    if page.venue:
        venue = (
            f'<a href="/source/{_short(page.venue)}/{slug(page.venue)}/index.html">{escape(page.venue)}</a>'
        )
        places += [venue, escape(page.country or "")]
    mark = "" if not page.djs else " @ " if page.venue else " - "
    return f"{djs}{mark}{', '.join(places)} {page.day}"


def _recording(page: DemoSet) -> str:
    if page.seconds is None:
        return ""
    return (
        '<div itemscope itemtype="https://schema.org/VideoObject">'
        f'<meta itemprop="embedUrl" content="https://video.example/embed/{page.native_id}">'
        f'<meta itemprop="duration" content="{_iso(page.seconds)}"></div>\n'
    )


def _set_metas(page: DemoSet) -> str:
    metas = [("name", page.title), ("datePublished", str(page.day)), ("numTracks", str(len(page.rows)))]
    metas += [("genre", style) for style in page.styles] + [("author", name) for name in page.djs]
    return "\n".join(_meta(name, content) for name, content in metas)


def _rows(page: DemoSet) -> str:
    parts = []
    parents = {row.row_id: row.number for row in page.rows if row.parts}
    number = 0
    for place, row in enumerate(page.rows):
        number = row.number if row.number is not None else number
        if page.halves and place in (0, len(page.rows) // 2):
            name = "First" if place == 0 else "Second"
            parts.append(f'<div class="bItmH"><span id="tlp{place}_headtext_column">{name} Set:</span></div>')
        parts.append(_row(row, place, number, parents.get(row.part_of or -1)))
    return "\n".join(parts)


def _row(row: DemoRow, place: int, number: int, parent: int | None) -> str:
    classes = ["tlpSubTog" if parent else "tlpTog", "bItm", "tlpItem", f"trRow{number}"]
    classes += ["subPosTog"] if row.parts else []
    classes += ["con"] if row.joined or parent else []
    classes += [f"subPos{parent}"] if parent else []
    state = _state(row, parent)
    cue = row.cue or 0
    shown = "" if parent or not row.cue else _clock(row.cue)
    label = "" if parent else f'<span id="tlp{place}_tracknumber_value">{_number(row)}</span>'
    return f"""<div id="tlp_{row.row_id}" class="{" ".join(classes)}" data-trno="{place}" {state}>
 <div class="bPlay"><input id="tlp{row.row_id}_cue_seconds" type="hidden" value="{cue}">
  {label}<div id="cue_{row.row_id}" class="cue">{shown}</div></div>
 <div class="bCont">{_content(row, place)}</div>
</div>"""


def _state(row: DemoRow, parent: int | None) -> str:
    parts = [f'data-id="{row.row_id}"']
    if parent:
        parts.append('data-mashpos="true"')
    elif row.state == "unidentified" and not row.parts:
        parts.append('data-isid="true"')
    elif row.state == "identified":
        parts.append('data-isided="true"')
        parts += [f'data-trackid="{row.track.native_id}"'] if row.track else []
    return " ".join(parts)


def _number(row: DemoRow) -> str:
    return "w/" if row.joined else f"{row.number:02d}"


def _content(row: DemoRow, place: int) -> str:
    if row.credit is None:
        return f'<div id="tlp{place}_content"><span class="trackValue">ID - ID</span></div>'
    metas = [_meta("name", row.text), _meta("byArtist", row.credit)]
    track = row.track if row.state == "identified" else None
    if track:
        metas += _track_metas(track)
    bootleg = '<span class="bootleg" title="mashup track"></span>' if row.parts else ""
    media = f'<div class="mediaRow" data-trackid="{track.media_id}"></div>' if track else ""
    note = f'<span class="trackEditData">{row.note}</span>' if row.note else ""
    return (
        f'<div id="tlp{place}_content" itemprop="tracks" itemscope '
        f'itemtype="http://schema.org/MusicRecording">{"".join(metas)}{bootleg}'
        f'<span class="trackValue">{_shown(row)}</span>{note}{_label(track)}{media}</div>'
    )


def _track_metas(track: DemoTrack) -> list[str]:
    address = f"/track/{track.native_id}/{slug(f'{track.credit} {track.title}')}/index.html"
    metas = [_meta("url", address)]
    metas += [_meta("publisher", _label_name(track))] if track.label else []
    metas += [_meta("duration", _iso(track.seconds))] if track.seconds else []
    metas += [_meta("genre", track.genre)] if track.genre else []
    return metas


def _shown(row: DemoRow) -> str:
    """Render the name with a link per artist, as the site shows it."""
    artists = row.track.artists if row.track and not row.parts else ()
    if not artists:
        return f"<span>{escape(row.text)}</span>"
    linked = '<span class="spLR"> &amp; </span>'.join(
        f'<span>{escape(name)}<span><a href="{_artist(name)}"></a></span></span>' for name in artists
    )
    rest = row.text.removeprefix(" & ".join(artists))
    feature, _, title = rest.partition(" - ")
    return f"{linked}<span>{escape(feature)}</span><span> - </span><span>{escape(title)}</span>"


def _artist(name: str) -> str:
    return f"/artist/{_short(name)}/{slug(name)}/index.html"


def _label(track: DemoTrack | None) -> str:
    if not track or not track.label:
        return ""
    return f'<span><span title="label" class="trackLabel">{escape(_label_name(track))}</span></span>'


def _label_name(track: DemoTrack) -> str:
    return f"{track.label} ({track.label_parent})" if track.label_parent else track.label or ""


def _script(page: DemoSet) -> str:
    """Cue entries as statements; a page without cues still has one."""
    lines = []
    for place, row in enumerate(page.rows):
        if row.cue or place == 0:
            lines.append(
                f"cueValuesEntry = {{}}; cueValuesEntry.seconds = {row.cue or 0}; "
                f"cueValuesEntry.number = '{row.number or ''}'; cueValuesEntry.idPlayer = ''; "
                f"cueValuesEntry.ids = []; cueValuesEntry.ids[0] = 'tlp{place}_content';"
            )
    return "<script>\n" + "\n".join(lines) + "\n</script>"


def _meta(name: str, content: str) -> str:
    return f'<meta itemprop="{name}" content="{escape(content, quote=True)}">'


def _iso(seconds: int) -> str:
    return f"PT{seconds // 60}M{seconds % 60}S"


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def _short(text: str) -> str:
    return slug(text).replace("-", "")[:12] or "x"
