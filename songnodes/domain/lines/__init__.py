"""Reading a line of a tracklist: artists, title, version, stem, variant, features, label, and how far the
track is identified. Pure; `explain_line` shows what each step did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from songnodes.domain.labels import known_label
from songnodes.domain.lines.altered import is_altered_kind
from songnodes.domain.lines.draft import Draft
from songnodes.domain.lines.line import Line, Status
from songnodes.domain.lines.marked_versions import MarkedVersion
from songnodes.domain.lines.mashups import mashup_parts
from songnodes.domain.lines.reading import Reading
from songnodes.domain.lines.steps import MAX_LINE, STEPS, family
from songnodes.domain.text import repair

__all__ = ["Change", "Line", "MarkedVersion", "Status", "explain_line", "read_anew", "read_line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Changes of one step: field -> (before, after)."""

    step: str
    changed: Mapping[str, tuple[object, object]]


def read_line(
    text: str,
    *,
    version_note: str | None = None,
    label: str | None = None,
    byline: str | None = None,
    links: Sequence[str] = (),
    versions: Sequence[MarkedVersion] = (),
) -> Line:
    """Read "Artist - Title (Version) [Label]".

    `version_note`, `label` and `byline` (the artist credit) are what the page gives apart from the text;
    `links` the names that it marks as artists, `versions` the brackets that it marks as versions, each with
    the artists it links. They refine what is shown. The note, a byline with " - " in it, and a mark on a
    bracket whose words name no version can change the identity. Total: every text gives a line, at worst
    `unparsed`. Remembers the last readings.
    """
    read = _remembered if len(text) <= MAX_LINE else read_anew  # bounds the cache in bytes
    return read(text, version_note, label, byline, tuple(links), tuple(versions))


def _version_keys(readings: Sequence[Reading]) -> tuple[str, ...]:
    """Return the keys of all readings, sorted; a kind of altered copy once, however often it is named."""
    keys = [key for reading in readings for key in reading.keys]
    once = {key for key in keys if is_altered_kind(key)}
    if not once:
        return tuple(sorted(keys))
    return tuple(sorted([*(key for key in keys if key not in once), *once]))


def read_anew(
    text: str,
    note: str | None,
    label: str | None,
    byline: str | None,
    links: tuple[str, ...],
    versions: tuple[MarkedVersion, ...],
) -> Line:
    """Read as `read_line`, and remember nothing: for callers that keep what they make of the line."""
    draft = _draft(text, note, label, byline, links, versions)
    for _, step in STEPS:
        step(draft)
    return _line(draft)


_remembered = lru_cache(maxsize=1 << 13)(read_anew)


def explain_line(
    text: str,
    *,
    version_note: str | None = None,
    label: str | None = None,
    byline: str | None = None,
    links: Sequence[str] = (),
    versions: Sequence[MarkedVersion] = (),
) -> tuple[Change, ...]:
    """Return the changes of each step of the reading by `read_line`; steps without changes are left out."""
    draft = _draft(text, version_note, label, byline, tuple(links), tuple(versions))
    trace: list[Change] = []
    before = draft.snapshot()
    for name, step in STEPS:
        step(draft)
        after = draft.snapshot()
        changed = {field: (before[field], after[field]) for field in after if after[field] != before[field]}
        if changed:
            trace.append(Change(step=name, changed=changed))
        before = after
    return tuple(trace)


def _draft(
    text: str,
    note: str | None,
    label: str | None,
    byline: str | None,
    links: tuple[str, ...],
    versions: tuple[MarkedVersion, ...],
) -> Draft:
    return Draft(
        raw=text,
        note=note,
        byline=byline,
        links=links,
        marked=versions,
        label=known_label(repair(label)) if label else None,
    )


def _line(draft: Draft) -> Line:
    readings = draft.readings
    return Line(
        raw=draft.raw,
        status=draft.status,
        credit=draft.credit,
        artists=draft.artists,
        credit_split=draft.credit_split,
        key_artists=draft.key_artists,
        featured=tuple(draft.featured),
        base_title=draft.title or "",
        other_tokens=tuple(draft.other_tokens),
        version_family=family(draft),
        version_text=" / ".join(reading.text for reading in readings if reading.text) or None
        if readings
        else None,
        version_artists=draft.version_artists,
        version_keys=_version_keys(readings) if readings else (),
        stem=draft.stem,
        variant=draft.variant,
        label=draft.label,
        catalogue=draft.catalogue,
        labels=tuple(dict.fromkeys((draft.label, *draft.labels))) if draft.label else (),
        mashup_of=mashup_parts(draft, read_line),
        warnings=tuple(dict.fromkeys(draft.warnings)) if draft.warnings else (),
    )
