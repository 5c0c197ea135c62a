"""The steps of reading a line, in their order. Each takes one thing from the draft; all are reversible
together, since the raw text stays. A source with other habits adds a step, it does not change one."""

import re
from collections.abc import Callable

from songnodes.domain import credits
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.altered import read_altered
from songnodes.domain.lines.brackets import Piece, scan
from songnodes.domain.lines.draft import Draft
from songnodes.domain.lines.edges import peel_label, strip_prefix, strip_upload_words
from songnodes.domain.lines.marked_versions import find_mark, read_marked_group
from songnodes.domain.lines.open_versions import known_names, read_open_version
from songnodes.domain.lines.reading import FAMILY_ORDER, Family, Reading
from songnodes.domain.lines.versions import read_group
from songnodes.domain.text import repair

Step = Callable[[Draft], None]

#: Characters of a line that are read; artists and titles are at most 200 and 300 long.
MAX_LINE = 2_000

#: A guest behind a title: "Song w/ Mira Sol"; not "Song w/out You".
_WITH = re.compile(r"\s+[wW]/\s*(?=[^\Wa-z_])")
_GAP = re.compile(r"^\.{2,}$")
_DASH = " - "
_ANY_DASH = re.compile(r"\s-|-\s|\w-\w")
_BARE_VERSION = re.compile(
    r"^(?P<title>.+?)\s+(?P<what>vip(?: mix)?|ac+app?ella|sped[ -]?up|slowed ?(?:\+|&|and|n) ?reverb)$",
    re.IGNORECASE,
)
_BARE_ENDS = frozenset("pPxXaAbB")
_VERBS = frozenset({"cover", "covers", "loop", "reverb", "demo", "tribute", "session", "sessions"})
VERSUS = re.compile(r"\s+vs\.?\s+", re.IGNORECASE)


def repair_text(draft: Draft) -> None:
    """Repair damage; write dashes and quotes in one form."""
    draft.text = repair(draft.raw[:MAX_LINE])
    if len(draft.raw) > MAX_LINE:
        draft.warnings.append("cut_off")
    if "\ufffd" in draft.text:
        draft.warnings.append("damaged_text")


def append_note(draft: Draft) -> None:
    """Append the page's version note, which is next to the name: "(Acappella)", "Live Edit"."""
    if draft.note:
        note = repair(draft.note)
        draft.text += f" {note}" if note[:1] in "([" else f" ({note})"


def split_artist(draft: Draft) -> None:
    """Split at the byline where the text begins with it, else at the first " - " with blanks."""
    text, byline = draft.text, repair(draft.byline) if draft.byline else ""
    if byline and text.casefold().startswith(byline.casefold()) and text[len(byline) :].startswith(_DASH):
        draft.credit, draft.title = byline, text[len(byline) + len(_DASH) :]
    elif _DASH in text:
        draft.credit, draft.title = (part.strip() for part in text.split(_DASH, 1))
    else:
        draft.credit = "" if byline.casefold() == text.casefold() else byline
        draft.title = text
        if not byline and _ANY_DASH.search(text):
            draft.warnings.append("dash_without_blanks")
    draft.text = draft.title


def read_credit(draft: Draft) -> None:
    """Take off featured artists; read the names for people and the names for the key."""
    draft.credit, featured = credits.take_features(draft.credit)
    draft.credit, guest = credits.take_guest(draft.credit, links=draft.links)
    if guest or featured:
        _add_featured(draft, (guest, *featured) if guest else featured)
    artists, draft.credit_split = credits.split_credit(draft.credit, links=draft.links)
    draft.artists = tuple(name for name in artists if not words.is_unknown_artist(name))
    draft.key_artists = credits.over_split(draft.credit)


def read_brackets(draft: Draft) -> None:
    """Take version, variant, stem, features and notes out of the title; the rest are title and subtitles."""
    pieces, balanced = scan(draft.text)
    if not balanced:
        draft.warnings.append("unbalanced_brackets")
    pieces = _with_tail(pieces)
    kept: list[Piece] = []
    for piece in pieces:
        if not piece.bracket:
            kept += _read_plain(draft, piece)
        elif rest := _take_group(draft, piece):
            kept.append(Piece(text=rest, bracket=piece.bracket))
    while len(kept) > 1 and kept[-1].bracket:
        draft.other_tokens.insert(0, kept.pop().text)
    draft.title = " ".join(piece.text if not piece.bracket else str(piece) for piece in kept)
    draft.text = ""


def _with_tail(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return the pieces with the version of "Title - X Remix", as some providers write it, in brackets.

    So are those of "Title VIP", "Title (feat. Y) - X Remix" and "Title - X Remix (Edit)".
    """
    at = len(pieces) - 1
    while at >= 0 and pieces[at].bracket:
        at -= 1
    if at < 0:
        return pieces
    text = pieces[at].text
    if _DASH not in text and "," not in text and text[-1] not in _BARE_ENDS and text[:2] != "- ":
        return pieces
    title, dash, tail = text.rpartition(_DASH)
    if not dash and at and text.startswith("- "):
        title, tail = "", text[2:]
    elif not dash:
        bare = _BARE_VERSION.match(text) if text[-1] in _BARE_ENDS else None
        title, tail = (bare["title"], bare["what"]) if bare else _comma_tail(text)
    parts = tail.split("; ")
    if not tail or all(any(reading.subtitle for reading in read_group(part)) for part in parts):
        return pieces
    before = (Piece(text=title, bracket=""),) if title else ()
    groups = (Piece(text=part, bracket="(") for part in parts)
    return (*_with_tail((*pieces[:at], *before)), *groups, *pieces[at + 1 :])


def _comma_tail(text: str) -> tuple[str, str]:
    """Return the title and the altered copy of "Title, Sped Up"; both empty for any other text.

    One comma only, and no word that is also a verb: "Run, Cover".
    """
    title, comma, tail = text.partition(", ")
    altered = read_altered(tail) if comma and "," not in tail else None
    if altered is None or altered.rest or altered.name or tail.casefold() in _VERBS:
        return "", ""
    return title, tail


def _read_plain(draft: Draft, piece: Piece) -> list[Piece]:
    text, featured = credits.take_features(piece.text)
    text, *guests = _WITH.split(text, maxsplit=1) if "/" in text else (text,)
    if guests or featured:
        _add_featured(draft, (*guests, *featured))
    return [Piece(text, "")] if text else []


def _take_group(draft: Draft, piece: Piece) -> str:
    """Add the reading of the group to the draft; return its words that belong to the title."""
    marked = find_mark(draft, piece.text)
    readings = read_group(piece.text) if marked is None else read_marked_group(piece.text, marked)
    rest = ""
    if any(reading.subtitle for reading in readings):
        rest = next((reading.rest for reading in readings if reading.rest), piece.text)
        readings = tuple(reading for reading in readings if not reading.subtitle)
        opened = read_open_version(rest, known_names(draft))
        if opened:
            readings, rest = (opened, *readings), ""
    for reading in readings:
        if reading.mixed:
            draft.warnings.append("not_a_recording")
            if not words.PART_OF_MIX.match(piece.text):
                draft.other_tokens.append(piece.text)
        if reading.featured:
            _add_featured(draft, (reading.featured,))
        if reading not in draft.readings:
            draft.readings.append(reading)
    return rest


def _add_featured(draft: Draft, featured: tuple[str, ...]) -> None:
    for credit in featured:
        names, _ = credits.split_credit(credit, links=draft.links)
        draft.featured += (name for name in names if name not in draft.featured)


def read_version(draft: Draft) -> None:
    """Set the axes of the recording, from all groups together."""
    if not draft.readings:
        return
    for reading in draft.readings:
        if reading.stem and draft.stem == "regular":
            draft.stem = reading.stem
        if reading.family == "remix" and not reading.keys:
            draft.warnings.append("version_without_name")
    variants = {reading.variant for reading in draft.readings if reading.variant}
    draft.variant = next((variant for variant in words.VARIANT_ORDER if variant in variants), "regular")
    names: list[str] = []
    for reading in draft.readings:
        names += _version_names(reading, draft)
        if reading.guest:
            names += credits.split_credit(reading.guest, links=draft.links)[0]
    draft.version_artists = tuple(dict.fromkeys(names))


def _version_names(reading: Reading, draft: Draft) -> list[str]:
    """Return the artists that the page marks. Without a mark, known names show where a name ends and the name
    of the mix begins: the page's links ("W&W Late Night Mix" with a link "W&W"), the line's own artists,
    protected names."""
    if reading.artists:
        return [name for marked in reading.artists for name in credits.split_joint_name(marked, draft.links)]
    if not reading.who or reading.unknown:
        return []
    who = f" {reading.who.casefold()} "
    linked = [name for name in draft.links if f" {name.casefold()} " in who]
    if linked:
        return linked
    own = [name for name in draft.artists if who.startswith(f" {name.casefold()} ")]
    if own or reading.artists is not None:
        return own
    return list(credits.split_credit(credits.known_front(reading.who), links=draft.links)[0])


def family(draft: Draft) -> Family | None:
    """Return the family of all groups together; a title "A vs. B" of artists "C vs. D" is a mashup."""
    families = {reading.family for reading in draft.readings} if draft.readings else set()
    strongest = next((kind for kind in FAMILY_ORDER if kind in families), None)
    if strongest in (None, "remix") and _is_versus(draft):
        return "mashup"
    return strongest


def _is_versus(draft: Draft) -> bool:
    return len(sides(draft.credit)) > 1 and len(sides(draft.title or "")) > 1


def sides(text: str) -> list[str]:
    """Return the texts on both sides of a "vs."; one side where there is none."""
    return VERSUS.split(text) if " vs" in text or " VS" in text or " Vs" in text else [text]


def decide_status(draft: Draft) -> None:
    """Set the status: how far the track is identified; `identified` only if all of it is known."""
    title = draft.title or ""
    if not any(map(str.isalnum, title + draft.credit)) and "?" not in title + draft.credit:
        only_signs = bool(title and draft.credit)
        draft.status = "identified" if only_signs else "unparsed"
        if _GAP.match(title) and not draft.credit:
            draft.warnings.append("gap")
        return
    parts = sides(title)
    unknown_parts = sum(map(words.is_unknown, parts))
    named = credits.atoms(draft.credit)
    artists = [name for name in named if not words.is_unknown_artist(name)]
    if unknown_parts == len(parts) or not title:
        draft.status = "artist_only" if artists else "unidentified"
    elif len(artists) < max(1, len(named)):
        draft.status = "title_only"
    elif unknown_parts or any(reading.unknown for reading in draft.readings):
        draft.status = "base_only"
    else:
        draft.status = "identified"


STEPS: tuple[tuple[str, Step], ...] = (
    ("repair", repair_text),
    ("upload words", strip_upload_words),
    ("prefix", strip_prefix),
    ("label", peel_label),
    ("note", append_note),
    ("split", split_artist),
    ("credit", read_credit),
    ("brackets", read_brackets),
    ("version", read_version),
    ("status", decide_status),
)
