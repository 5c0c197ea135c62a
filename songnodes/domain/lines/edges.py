"""The steps that take off what surrounds artists and title: words of uploads, cues, labels and numbers."""

import re

from songnodes.domain.labels import is_no_label
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.brackets import trailing_square
from songnodes.domain.lines.draft import Draft
from songnodes.domain.lines.open_versions import known_names, read_open_version
from songnodes.domain.lines.versions import read_group

_TOGETHER = re.compile(r"^w/\s+", re.IGNORECASE)
_CUE = re.compile(r"^\[[\d?:]+\]\s*")
_PREFIX_FIRST = frozenset("[wW")
_UPLOAD_FRONT = re.compile(
    r"^(?:[\[({*|]+\s*(?P<boxed>[^\[\](){}*|]{2,40}?)\s*[\])}*|]+[\s:|-]*"
    r"|(?P<note>[^\W\d_][\w /'!.-]{1,40}?)!*\s*(?::|\||//|►|»|→|>+)\s*)(?=\S)"
)
#: "DJ Mag Premiere: " names who shows it first.
_PREMIERE_OF = re.compile(r"^(?:\S+ ){1,3}(?:premi[eè]re|exclusive)\s*[:|]\s*(?=\S.* - )", re.IGNORECASE)
_UPLOAD_TAIL = re.compile(
    r"(?<=\S)(?:\s+(?:[*|~►»→=]+|//)\s*(?P<note>[^*|~►»→=/]{2,60}?)\s*(?:[*|~!]|//)*"
    r"|\s+free (?:download|dl|d/l)!*)$",
    re.IGNORECASE,
)
#: One of these is in every line that `_UPLOAD_FRONT`, `_PREMIERE_OF` or `_UPLOAD_TAIL` matches.
_UPLOAD_SIGN = re.compile(r"[:|*~►»→>={]|//|^[\[(]|[lLdD]!*$")
#: Before the name of a label: "Forthcoming Night Office", "Promo - Night Office"; not "White Isle Music".
_NO_LABEL = re.compile(
    r"^(?:(?:forthcoming|unreleased|self[ -]?released|white label)\b[\s-]*|(?:promo|cdr|white)(?:\s+-\s+|$))",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(r"\s+- (?:forthcoming|unreleased|promo|cdr|free)$", re.IGNORECASE)
_CATALOGUE = re.compile(r"^(?P<label>.+) - ?(?P<number>(?=.*\d)\S.{0,19})$")
#: One word of letters and digits, or letters in upper case and digits; a letter may follow ("XY042R").
_BARE_NUMBER = re.compile(
    r"^(?:(?=[^\d]*\d)[^\W\d_]{1,12}[-.]?\d{2,6}[A-Za-z]{0,2}|[A-Z][A-Z.&]{0,11}[ -]\d{2,6}[A-Z]{0,2})$"
)
_LABELS_BETWEEN = re.compile(r"\s*/\s+|\s+/\s*|\s*\|\s*")
_OWNED = re.compile(r"(?:'s|s')(?:\s|$)")
_OF_LABELS = re.compile(
    r"(?:\b(?:records?|recordings?|recs?|music|musi[ck]|musique|label|ltd|limited|audio|sounds?|digital|trax+|tracks"
    r"|productions?|entertainment|media|discs?|dis[ck]os|disques|black|white|red|blue|silver|gold|imprint|group"
    r"|inc|uk|usa|publishing|vinyl|tapes|series|international|editions?|arts?)|\d)\W*$",
    re.IGNORECASE,
)
_RELEASE = re.compile(r"\b(?:reworked|remixed|remixes|edits|reworks)$", re.IGNORECASE)


def strip_upload_words(draft: Draft) -> None:
    """Take off words that uploaders put around a name: "PREMIERE: ", "[PREMIERE] ", " *Free Download*".

    In front only with a sign behind them (a colon, a bar, brackets), at the end only with a sign before them
    or as "Free Download": a title may be called "Out Now".
    """
    text = draft.text
    if not _UPLOAD_SIGN.search(text):  # spares most lines the costly searches
        return
    front = _UPLOAD_FRONT.match(text)
    if front and words.is_note(front["note"] or front["boxed"]):
        text = text[front.end() :]
    elif premiere := _PREMIERE_OF.match(text):
        text = text[premiere.end() :]
    while (tail := _UPLOAD_TAIL.search(text)) and words.is_note(tail["note"] or "free download"):
        text = text[: tail.start()].rstrip()
    draft.text = text


def strip_prefix(draft: Draft) -> None:
    """ "w/" and a cue in front: the row's own fields have them. Never a bare number: "808 State"."""
    if draft.text[:1] in _PREFIX_FIRST:
        draft.text = _CUE.sub("", _TOGETHER.sub("", _CUE.sub("", draft.text)))


def peel_label(draft: Draft) -> None:
    """A trailing "[Label - CAT]", unless the brackets say something else; a label given apart wins."""
    found = trailing_square(draft.text)
    if not found or not found[0] or not found[1] or words.UNKNOWN.match(found[1]):
        return
    before, inside = found
    # behind a version "[Grotesque Reworked]" is where it came out, and no second version
    release = before.endswith(")") and _RELEASE.search(inside)
    readings = read_group(inside)
    if not release and not all(reading.subtitle or reading.note for reading in readings):
        return
    if before and _is_open_version(inside, draft):
        return
    draft.text = before
    if is_no_label(inside) or (words.is_note(inside) and not _NO_LABEL.match(inside)):
        return
    _take_labels(draft, _NO_NUMBER.sub("", _NO_LABEL.sub("", inside)))
    if not draft.label or draft.catalogue == inside:  # "[Label] [XY042]"
        peel_label(draft)


def _is_open_version(inside: str, draft: Draft) -> bool:
    """Return True for "[Zorn Quill's Moonwalk]", and "[Zorn Quill Moonwalk]" where the page links the name;
    never for "[Zorn Quill Recordings]"."""
    if not _OWNED.search(inside) and not (draft.links and not _OF_LABELS.search(inside)):
        return False
    return read_open_version(inside, known_names(draft)) is not None


def _take_labels(draft: Draft, text: str) -> None:
    """Add the labels and catalogue numbers of "Label - CAT", "Label / Label", "CAT"."""
    for part in _LABELS_BETWEEN.split(text):
        numbered = _CATALOGUE.match(part)
        number = numbered["number"] if numbered else part if is_catalogue_number(part) else None
        label = numbered["label"] if numbered else "" if number else part
        draft.catalogue = draft.catalogue or number
        if label:
            draft.label = draft.label or label
            if label not in draft.labels:
                draft.labels.append(label)


def is_catalogue_number(text: str) -> bool:
    """Return True for letters and at least two closing digits: "XY042", "ABC-12"; not for "Studio 54"."""
    return _BARE_NUMBER.match(text) is not None
