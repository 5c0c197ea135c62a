"""Cues of a page: three places have them, and they need not agree."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from producers.sources.tracklists1001 import reading
from producers.sources.tracklists1001.elements import Elements
from producers.sources.tracklists1001.tree import Element

STATEMENT = re.compile(
    r"cueValuesEntry\.(?:"
    r"(?P<seconds>seconds)\s*=\s*(?P<value>\d{1,9})"
    r"|(?P<player>idPlayer)\s*=\s*['\"](?P<recording>[^'\"]*)['\"]"
    r"|ids\[\d+\]\s*=\s*['\"]tlp(?P<row>\d{1,9})_content['\"])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """The beginning of a row. `seconds` from the start of the recording, None when the page has no cue."""

    text: str | None = None
    seconds: int | None = None
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The entries of the page's script: seconds per place (data-trno), and the recordings they belong to."""

    seconds: dict[int, int]
    recordings: frozenset[str]


def script(scripts: Iterable[Element]) -> Script:
    """Read the script entries; one entry can list several rows."""
    seconds: dict[int, int] = {}
    recordings = set()
    current = 0
    for element in scripts:
        for match in STATEMENT.finditer(element.text or ""):
            if match["seconds"]:
                current = int(match["value"])
            elif match["player"]:
                recordings.add(match["recording"])
            else:
                seconds.setdefault(int(match["row"]), current)
    return Script(seconds=seconds, recordings=frozenset(recordings - {""}))


def read(row: Elements, place: int | None, at_start: bool, entries: Script) -> Cue:
    """Return the cue of a row: from its input, else from the script, else from the text shown.

    0 means both "at the start" and "not known", so it is accepted only `at_start`: on the first row, and
    on the parts of a mashup that is the first row.
    """
    shown = row.text("cue")
    by_input = reading.whole(row.cue_input)
    by_script = entries.seconds.get(place) if place is not None else None
    by_text = reading.clock(shown)
    candidates = [seconds for seconds in (by_input, by_script, by_text) if seconds is not None]
    positive = [seconds for seconds in candidates if 0 < seconds < reading.MAX_RECORDING_S]
    if positive:
        warning = None
        if len(set(positive)) > 1:
            warning = f"cue_conflict: input {by_input}, script {by_script}, text {by_text}"
        return Cue(text=shown, seconds=positive[0], warning=warning)
    if shown and by_text is None:
        return Cue(text=shown, warning=f"cue_unreadable: {shown[:40]!r}")
    return Cue(text=shown, seconds=0 if at_start and 0 in candidates else None)
