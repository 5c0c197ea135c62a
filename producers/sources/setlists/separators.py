"""The sign between artist and title, decided for a list as a whole where it is not " - "."""

import re
from collections.abc import Callable, Sequence

from producers.sources.setlists.entries import GAP
from producers.sources.setlists.lines import DASH, UNKNOWN

SIGNS = (
    *(
        r"\s[|\u2502]{1,2}\s",
        r"\s[~\u223c]\s",
        r"\s--+\s",
        r"\s[\u2022\u00b7\u2219]\s",
        r"\s\u2192\s",
        r"\s>{1,2}\s",
        r"\s//+\s",
    ),
    *(r"\s:\s", r"(?<=\S):\s", r"\s_\s", r"\s;\s", r"(?<=\w)-(?=\w)", r"\s\\\s"),
)
QUOTED = re.compile(r"^(?P<artist>[^\"]{1,90}?)\s*[,:]?\s+\"(?P<title>[^\"]{1,90})\"(?P<rest>.{0,60})$")
#: "title" is a quote with single marks only where the line begins with the artist: "Rock 'n' Roll" has two.
SINGLE_QUOTED = re.compile(
    r"^(?P<artist>[^']{1,90}?)\s+'(?P<title>[^']{1,90})'(?P<rest>(?:\s*[(\[].{0,60})?)$"
)
BY = re.compile(r"^\"?(?P<title>.{1,90}?)\"?\s+by\s+(?P<artist>.{1,90})$", re.IGNORECASE)
MIN_SIGN_SHARE = 0.7  # of the named lines that have the sign
FEW_DASHES = 0.3


def with_dashes(texts: Sequence[str]) -> list[str]:
    """Return "Artist - Title" for each text of a list whose lines have another sign between the two."""
    named = [text for text in texts if not UNKNOWN.match(text) and not GAP.match(text)]
    if len(named) < 2 or sum(bool(DASH.search(text)) for text in named) > FEW_DASHES * len(named):
        return list(texts)
    for sign in SIGNS:
        pattern = re.compile(sign)
        if sum(len(pattern.findall(text)) == 1 for text in named) >= MIN_SIGN_SHARE * len(named):
            return [_by_sign(text, pattern) for text in texts]
    for quoted in (QUOTED, SINGLE_QUOTED, BY):
        if sum(bool(quoted.match(text)) for text in named) >= MIN_SIGN_SHARE * len(named):
            return [_by_groups(text, quoted.match) for text in texts]
    return list(texts)


def _by_sign(text: str, pattern: re.Pattern[str]) -> str:
    if DASH.search(text) or UNKNOWN.match(text):
        return text
    artist, *title = pattern.split(text, maxsplit=1)
    return f"{artist.strip()} - {title[0].strip()}" if title and artist.strip() and title[0].strip() else text


def _by_groups(text: str, match_line: Callable[[str], re.Match[str] | None]) -> str:
    match = None if DASH.search(text) else match_line(text)
    if match is None:
        return text
    rest = match.groupdict().get("rest") or ""
    return f"{match['artist'].strip()} - {match['title'].strip()}{' ' if rest.strip() else ''}{rest.strip()}"
