"""Files that are no pages: lists and libraries of DJ software and players, feeds, tables.

They are recognised only to name their format in the error. No parser reads them.
"""

import re
from collections.abc import Mapping

SNIFF_CHARS = 4000
#: Characters before the root element of XML that are searched: comments of exports may be long.
PROLOG_CHARS = 64_000
TABLE_LINES = 20  # lines of a table that are compared
LEAST_LINES = 2
#: Text that may come before the root element of a document.
PROLOG = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\b[^>\[]*(?:\[.*?\])?\s*>)", re.DOTALL | re.IGNORECASE
)
ROOT = re.compile(r"\s*<([A-Za-z_][\w.:-]*)")
HTML_DOCTYPE = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<!doctype\s+html\b", re.DOTALL | re.IGNORECASE)
#: Elements that a saved page, or a piece of one, begins with.
HTML_ELEMENTS = frozenset(
    [
        *("html", "head", "body", "title", "meta", "link", "script", "style", "base", "noscript", "template"),
        *("div", "span", "p", "a", "img", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "main", "section"),
        *(
            "article",
            "aside",
            "header",
            "footer",
            "nav",
            "ul",
            "ol",
            "li",
            "dl",
            "dt",
            "dd",
            "table",
            "thead",
        ),
        *(
            "tbody",
            "tfoot",
            "tr",
            "td",
            "th",
            "form",
            "input",
            "button",
            "select",
            "label",
            "iframe",
            "b",
            "i",
        ),
        *("u", "em", "strong", "small", "center", "font", "pre", "code", "blockquote", "figure", "picture"),
        *("video", "audio", "source", "canvas", "details", "summary", "time", "sup", "sub", "frameset"),
    ]
)
#: Root element in lower case -> what writes such XML.
XML_KINDS: Mapping[str, str] = {
    "nml": "Traktor collection or playlist, NML",
    "dj_playlists": "rekordbox",
    "virtualdj_database": "VirtualDJ database",
    "virtualfolder": "VirtualDJ list",
    "plist": "property list, as iTunes and Music export it",
    "playlist": "XSPF playlist",
    "asx": "ASX playlist",
    "rss": "RSS feed",
    "feed": "Atom feed",
    "rdf:rdf": "RSS feed",
    "urlset": "sitemap",
    "sitemapindex": "sitemap",
    "mediawiki": "MediaWiki export",
    "svg": "SVG picture",
    "opml": "OPML list",
    "smil": "Windows Media playlist, WPL",
    "nixml": "Traktor settings",
    "ableton": "Ableton Live set",
}
CUE = re.compile(
    r"^\s*(?:FILE\s+.+\s(?:MP3|WAVE?|AIFF|BINARY|MOTOROLA|FLAC|AAC|M4A|OGG)|TRACK\s+\d+\s+AUDIO|INDEX\s+\d\d\s+\d+:)",
    re.MULTILINE | re.IGNORECASE,
)
#: A line of a playlist that only lists files.
AUDIO_FILE = re.compile(
    r"^(?:[A-Za-z]:[\\/]|\.{0,2}[\\/]|\\\\|file:|https?:|[^\s#\[|]).*\.(?:mp3|wav|aiff?|flac|m4a|aac|ogg|opus|wma|mp4)$",
    re.IGNORECASE,
)
LYRICS = re.compile(r"^\[(?:ti|ar|al|au|by|length|offset|re|ve):", re.IGNORECASE)
MESSAGE = re.compile(
    r"^(?:Snapshot-Content-Location:|Content-Type:\s*multipart/related)", re.MULTILINE | re.IGNORECASE
)
HISTORY = re.compile(
    r"^(?:VirtualDJ|Serato|rekordbox|Traktor|djay|Engine DJ|Mixxx)\b[^\n]{0,40}\bHistory\b", re.IGNORECASE
)
#: Names of columns in the first line of a table.
COLUMNS = frozenset(
    str.split(
        "artist artists title name track tracktitle trackname album label genre bpm key time starttime"
        " endtime playtime duration length start end deck comment comments year remixer date rating #"
        " position location isrc"
    )
)
LEAST_COLUMNS = 2

SUBTITLES = re.compile(r"^(?:\d+\s*\n)?\d\d:\d\d:\d\d[,.]\d{3}\s+-->", re.MULTILINE)
#: Beginnings of lines in wikitext, which is read.
WIKITEXT = re.compile(r"^\s*(?:\{\{|\[\[|==|[#*|;][^\t]|<)", re.MULTILINE)
DELIMITERS: Mapping[str, tuple[str, int]] = {
    "\t": ("tab-separated values", 1),
    ";": ("CSV, separated by semicolons", 1),
    ",": ("CSV", 2),
    "|": ("CSV, separated by bars", 2),
}


def is_html(text: str) -> bool:
    """Return True if a text begins like a page or a piece of one, and not like other XML."""
    if text.lstrip("\ufeff \t\r\n")[:1] != "<":
        return False
    if HTML_DOCTYPE.match(text[:SNIFF_CHARS]):
        return True
    root = _root(text)
    return root is None or root in HTML_ELEMENTS


def named(text: str) -> str | None:
    """Return the format of a text that is no page of a site, such as `a cue sheet`; None if unknown."""
    head = text[:SNIFF_CHARS].lstrip("\ufeff")
    stripped = head.lstrip()
    if stripped[:1] == "<":
        if is_html(text):
            return None
        root = _root(text) or ""
        return f"XML ({XML_KINDS.get(root, f'root element {root}')})"
    if stripped[:1] in ("{", "["):
        return _bracketed(stripped)
    if stripped.startswith("#EXT") or "#EXTINF:" in head or _lists_files(head):
        return "an M3U playlist (M3U8)"
    if HISTORY.match(stripped):
        return "a history of DJ software"
    if MESSAGE.search(head):
        return "a web archive (MHTML)"
    if stripped.startswith("WEBVTT") or SUBTITLES.match(stripped):
        return "subtitles"
    if CUE.search(head):
        return "a cue sheet (CUE)"
    return _table(head)


def _bracketed(stripped: str) -> str | None:
    if stripped.lower().startswith("[playlist]"):
        return "a PLS playlist"
    if LYRICS.match(stripped):
        return "lyrics (LRC)"
    return "an RTF document" if stripped.startswith("{\\rtf") else None


def _lists_files(head: str) -> bool:
    """Return True for lines that are all names of audio files, beside comments."""
    whole = head if len(head) < SNIFF_CHARS else head.rpartition("\n")[0]
    lines = [line.strip() for line in whole.splitlines() if line.strip() and not line.startswith("#")]
    return bool(lines) and all(AUDIO_FILE.match(line) for line in lines)


def _root(text: str) -> str | None:
    """Return the name of the first element in lower case; None where there is none near the beginning."""
    rest = text[:PROLOG_CHARS].lstrip("\ufeff")
    while match := PROLOG.match(rest):
        rest = rest[match.end() :]
    match = ROOT.match(rest)
    return match[1].lower() if match else None


def _table(head: str) -> str | None:
    """Return the name of a table: the first line names columns, or all have the same number of delimiters."""
    whole = head if len(head) < SNIFF_CHARS else head.rpartition("\n")[0]
    lines = [line for line in whole.splitlines() if line.strip()][:TABLE_LINES]
    for delimiter, (name, _) in DELIMITERS.items():
        if lines and _names_columns(lines[0], delimiter):
            return name
    if len(lines) < LEAST_LINES or any(WIKITEXT.match(line) for line in lines):
        return None
    for delimiter, (name, least) in DELIMITERS.items():
        counts = {_unquoted(line).count(delimiter) for line in lines}
        if len(counts) == 1 and counts.pop() >= least:
            return name
    return None


def _names_columns(line: str, delimiter: str) -> bool:
    cells = {re.sub(r"[^a-z#]", "", cell.lower()) for cell in line.split(delimiter)}
    return len(cells) > LEAST_COLUMNS - 1 and len(COLUMNS.intersection(cells)) >= max(
        LEAST_COLUMNS, len(cells) / 2
    )


def _unquoted(line: str) -> str:
    """Return the line without its quoted cells, which may hold delimiters."""
    return re.sub(r'"(?:[^"]|"")*"', "", line)
