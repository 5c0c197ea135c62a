"""Files that are no pages: lists and libraries of DJ software and players, feeds, tables.

They are recognised only to name their format in the error. No parser reads them.
"""

import re
from collections.abc import Mapping

SNIFF_CHARS = 4000
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
}
CUE = re.compile(
    r"^\s*(?:FILE\s+.+\s(?:MP3|WAVE|AIFF|BINARY|MOTOROLA)|TRACK\s+\d+\s+AUDIO|INDEX\s+\d\d\s+\d+:)", re.M
)
SUBTITLES = re.compile(r"^(?:\d+\s*\n)?\d\d:\d\d:\d\d[,.]\d{3}\s+-->", re.MULTILINE)
#: Beginnings of lines in wikitext, which is read.
WIKITEXT = re.compile(r"^\s*(?:\{\{|\[\[|==|[#*|;][^\t]|<)", re.MULTILINE)
DELIMITERS: Mapping[str, tuple[str, int]] = {
    "\t": ("tab-separated values", 1),
    ";": ("CSV, separated by semicolons", 1),
    ",": ("CSV", 2),
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
        if is_html(head):
            return None
        root = _root(head) or ""
        return f"XML ({XML_KINDS.get(root, f'root element {root}')})"
    if stripped[:1] in ("{", "["):
        return "a PLS playlist" if stripped.lower().startswith("[playlist]") else None
    if stripped.startswith("#EXTM3U") or "#EXTINF:" in head:
        return "an M3U playlist (M3U8)"
    if stripped.startswith("WEBVTT") or SUBTITLES.match(stripped):
        return "subtitles"
    if CUE.search(head):
        return "a cue sheet (CUE)"
    return _table(head)


def _root(text: str) -> str | None:
    """Return the name of the first element in lower case; None where there is none near the beginning."""
    rest = text[:SNIFF_CHARS].lstrip("\ufeff")
    while match := PROLOG.match(rest):
        rest = rest[match.end() :]
    match = ROOT.match(rest)
    return match[1].lower() if match else None


def _table(head: str) -> str | None:
    """Return the name of a table: all lines have the same number of delimiters."""
    whole = head if len(head) < SNIFF_CHARS else head.rpartition("\n")[0]
    lines = [line for line in whole.splitlines() if line.strip()][:TABLE_LINES]
    if len(lines) < LEAST_LINES or any(WIKITEXT.match(line) for line in lines):
        return None
    for delimiter, (name, least) in DELIMITERS.items():
        counts = {_unquoted(line).count(delimiter) for line in lines}
        if len(counts) == 1 and counts.pop() >= least:
            return name
    return None


def _unquoted(line: str) -> str:
    """Return the line without its quoted cells, which may hold delimiters."""
    return re.sub(r'"(?:[^"]|"")*"', "", line)
