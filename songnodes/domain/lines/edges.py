"""The steps that take off what surrounds artists and title: words of uploads, cues, labels and numbers."""

import re

from songnodes.domain.labels import is_no_label
from songnodes.domain.lines import vocabulary as words
from songnodes.domain.lines.altered import read_altered
from songnodes.domain.lines.brackets import trailing_square
from songnodes.domain.lines.draft import Draft
from songnodes.domain.lines.open_versions import known_names, read_open_version
from songnodes.domain.lines.versions import read_group
from songnodes.domain.part_numbers import is_part_number

#: Groups in square brackets that are read at the end of a line.
MAX_LABEL_GROUPS = 4
#: Notes in front of a line that are taken off: "PREMIERE: [FREE DL] Artist".
MAX_FRONT_NOTES = 3
#: Unknown as a label, which a title never is.
_NONE = re.compile(r"^(?:n/a|tbc|tba)$", re.IGNORECASE)
_TOGETHER = re.compile(r"^w/\s+", re.IGNORECASE)
_CUE = re.compile(r"^\[[\d?:]+\]\s*")
_PREFIX_FIRST = frozenset("[wW")
_EMOJI = "★☆✦✧⚡❗‼🔥🚨🎵🎶💥✨🎧💣🚀🙌👌💯🆕📀💿🔊❤💎👀🎉"
_UPLOAD_FRONT = re.compile(
    rf"^(?:[\[({{*|【《「{_EMOJI}]+\s*(?P<boxed>[^\[\](){{}}*|】》」{_EMOJI}]{{2,40}}?)\s*[\])}}*|】》」{_EMOJI}]+[\s:|-]*"
    rf"|(?P<note>[^\W\d_][\w /'!.#-]{{1,40}}?)!*\s*(?::|\||//|►|▶|»|→|~|・|>+|!+(?=\s+[^\s-])"
    rf"|[{_EMOJI}]+)\s*)(?=\S)"
)
#: Words before "Artist - Title" that are names and titles elsewhere: "Watch: ".
_FRONT_NOTES = words.word_set(
    "exclusivepreview new video leak exclusivetrack firstplay firstlisten freebie premiera prèmiere"
    " listen watch stream estreno estrenos anteprima esclusiva exclusiva exclusif exklusiv премьера премєра"
)
#: "DJ Mag Premiere: " names who shows it first; "PREMIERE - Artist - Title".
_PREMIERE_OF = re.compile(
    r"^(?:(?:[^\s:]+[ :]){1,3}(?:premi[eè]re|exclusive)\s*[:|]\s*(?=\S.* - )"
    r"|(?:exclusive |world |track |video )?premi[eè]re\s+-\s+(?=\S.* - ))",
    re.IGNORECASE,
)
_EMOJI_TAIL = re.compile("(?<=[^\\s-])\\s+[🔥⚡🚨🎧📀💿🆕💯🔊👌🙌\ufe0f]+$")
#: "Title OUT NOW" in upper case behind a title that is not.
_SHOUTED_TAIL = re.compile(r"^(?P<before>.* - .*\S)\s+(?:OUT NOW|FREE DOWNLOAD|FREE DL)!*$")
_NOTE_BEHIND_LABEL = re.compile(r"(?<=\])\s*\((?P<note>[^()]{2,60})\)$")
#: Pictures before "Artist - Title".
_PICTURES_IN_FRONT = re.compile(rf"^[▶►{_EMOJI}]+\s+(?=\S.* - )")
_NUMBER_OF_NOTE = re.compile(r"\s*#?\d{1,4}$")
#: Several hashtags, an address, or the ending of a file name behind "Artist - Title".
_TAGS_AT_END = re.compile(
    r"(?<= - )(?P<title>.*?[^\s-])(?:(?:\s+#[^\W\d_]\w+){2,}|\s+https?://\S+|\s*\.(?:mp3|wav|flac|m4a))$",
    re.IGNORECASE,
)
_UPLOAD_TAIL = re.compile(
    r"(?<=[^\s-])(?:\s+(?:[*|~►»→=<]+|//)\s*(?P<note>[^*|~►»→=/<>]{2,60}?)\s*(?:[*|~!>]|//)*"
    r"|\s+free (?:download|dl|d/l)!*)$",
    re.IGNORECASE,
)
#: One of these, or "//", is in every line that `_UPLOAD_FRONT`, `_PREMIERE_OF` or `_UPLOAD_TAIL` matches, but
#: for those of plain letters that begin with one of `_FIRST` or end in one of `_LAST`.
_UPLOAD_SIGN = re.compile(rf"[:|*~►▶»→・>={{<#!【《「\ufe0f{_EMOJI}]")
_ASCII_SIGN = re.compile(r"[:|*~>={<#!]")  # the same of plain letters, in a seventh of the time
_FIRST, _LAST, _BOX = frozenset("[(pP"), frozenset("lLdDwW"), frozenset("[(")
#: Of "Out Now", "Free Download", "Free DL" and "Free D/L".
_TAIL_ENDS = frozenset({"ow", "ad", "dl", "/l"})
#: Before the name of a label: "Forthcoming Night Office", "Promo - Night Office"; not "White Isle Music".
_NO_LABEL = re.compile(
    r"^(?:(?:forthcoming|unreleased|self[ -]?released|white label|(?:out|available) (?:now|soon|today)"
    r"|coming soon)\b(?:\s+(?:on|via|@)\s+|[\s:!-]*)|(?:promo|cdr|white)(?:\s+-\s+|$))",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(r"\s+- (?:forthcoming|unreleased|promo|cdr|free)$", re.IGNORECASE)
_CATALOGUE = re.compile(r"^(?P<label>.+) - ?(?P<number>(?=.*\d)\S.{0,19})$")
#: One word of letters and digits, or letters in upper case and digits; a letter may follow ("XY042R").
_BARE_NUMBER = re.compile(
    r"^(?:(?=[^\d]*\d)[^\W\d_]{1,12}[-.]?\d{2,6}[A-Za-z]{0,2}"
    r"|[A-Z][A-Z.&]{0,11}(?:-[A-Z]{1,3})?[ -]\d{2,6}[A-Z]{0,2})$"
)
#: "Label (XY042)", "Label, XY042", "Label: XY042", "Label XY042", each behind the label.
_NUMBER_BEHIND = re.compile(r"^(?P<label>.*[^\s,;:#(])(?:\s*[,;:]\s*|\s+|\s*\()(?P<number>[^\s()]+)\)?$")
_TIGHT_NUMBER = re.compile(r"^[A-Z][A-Z.&]{1,11}-?\d{2,6}[A-Z]{0,2}$")
_LABELS_BETWEEN = re.compile(r"\s*/\s+|\s+/\s*|\s*\|\s*")
_OWNED = re.compile(r"(?:'s|s')(?:\s|$)")
_OF_LABELS = re.compile(
    r"(?:\b(?:records?|recordings?|recs?|music|musi[ck]|musique|label|ltd|limited|audio|sounds?|digital|trax+|tracks"
    r"|productions?|entertainment|media|discs?|dis[ck]os|disques|black|white|red|blue|silver|gold|imprint|group"
    r"|inc|uk|usa|publishing|vinyl|tapes|series|international|editions?|arts?)|\d)\W*$",
    re.IGNORECASE,
)
_RELEASE = re.compile(r"\b(?:reworked|remixed|remixes|edits|reworks)$", re.IGNORECASE)
_REMIXES = re.compile(r"\S\s(?:remixes|reworks|edits)$", re.IGNORECASE)


def strip_upload_words(draft: Draft) -> None:
    """Take off words that uploaders put around a name: "PREMIERE: ", "[PREMIERE] ", " *Free Download*".

    In front only with a sign behind them (a colon, a bar, brackets), at the end only with a sign before them
    or as "Free Download": a title may be called "Out Now".
    """
    text = draft.text
    if not _may_have_upload_words(text):  # spares most lines the costly searches
        return
    text = _PICTURES_IN_FRONT.sub("", text)
    is_note = False
    for _ in range(MAX_FRONT_NOTES):
        front = _UPLOAD_FRONT.match(text)
        if not front or not _is_front_note(front["note"] or front["boxed"], text[front.end() :]):
            break
        text, is_note = text[front.end() :], True
    if not is_note and (premiere := _PREMIERE_OF.match(text)):
        text = text[premiere.end() :]
    draft.text = _without_upload_tail(text)


def _may_have_upload_words(text: str) -> bool:
    if text[-4:-3] == "." or text[-5:-4] == "." or "] (" in text:  # the name of a file; a note behind a label
        return True
    is_ascii = text.isascii()
    if (_ASCII_SIGN if is_ascii else _UPLOAD_SIGN).search(text) or "//" in text:
        return True
    if is_ascii and text[:1] not in _FIRST and text[-1:] not in _LAST:
        return False
    is_boxed, is_noted = text[:1] in _BOX, "](" in text or text[-2:].lower() in _TAIL_ENDS
    return is_boxed or is_noted or _PREMIERE_OF.match(text) is not None


def _is_front_note(note: str, rest: str) -> bool:
    """Return True for a note in front of a name. Some words are one only before "Artist - Title"."""
    note = _NUMBER_OF_NOTE.sub("", note) or note
    return words.is_note(note) or ((words.fold(note) in _FRONT_NOTES or note == "NEW") and " - " in rest)


def _without_upload_tail(text: str) -> str:
    """Return a line without the notes at its end; an altered copy ("| Sped Up") goes into brackets."""
    text = _EMOJI_TAIL.sub("", text)
    if "#" in text or "://" in text or "." in text[-5:]:
        text = _TAGS_AT_END.sub(r"\g<title>", text)
    if shouted := _SHOUTED_TAIL.match(text):
        text = shouted["before"].rstrip() if any(map(str.islower, shouted["before"])) else text
    while tail := _UPLOAD_TAIL.search(text):
        note = tail["note"] or "free download"
        altered = read_altered(note)
        if altered is not None and not (altered.name or altered.rest):
            return f"{text[: tail.start()].rstrip()} ({note})"
        if not words.is_note(note):
            break
        text = text[: tail.start()].rstrip()
    if (boxed := _NOTE_BEHIND_LABEL.search(text)) and words.is_note(boxed["note"]):
        text = text[: boxed.start()].rstrip()
    return _EMOJI_TAIL.sub("", text)


def strip_prefix(draft: Draft) -> None:
    """Take off "w/" and a cue in front, which other fields have; never a bare number: "808 State"."""
    if draft.text[:1] in _PREFIX_FIRST:
        draft.text = _CUE.sub("", _TOGETHER.sub("", _CUE.sub("", draft.text)))


def peel_label(draft: Draft) -> None:
    """Take off trailing "[Label - CAT]" groups, unless they name a version.

    A label that the page has in a field of its own takes precedence.
    """
    for _ in range(MAX_LABEL_GROUPS if "[" in draft.text else 0):
        if not _peel_group(draft):
            break
    draft.label = draft.label or next(iter(draft.labels), None)


def _peel_group(draft: Draft) -> bool:
    """Take off the last group in square brackets; return False where it is no label or note."""
    group = trailing_square(draft.text)
    if (
        not group
        or not group[0]
        or not group[1]
        or (words.UNKNOWN.match(group[1]) and not _NONE.match(group[1]))
    ):
        return False
    before, inside = group
    # behind a version "[Grotesque Reworked]" is where it came out, and no second version
    release = _RELEASE.search(inside) if before.endswith(")") else _REMIXES.search(inside)
    readings = read_group(inside)
    if not release and not all(reading.subtitle or reading.note for reading in readings):
        return False
    if _is_open_version(inside, draft) or is_part_number(inside):
        return False
    draft.text = before
    if not is_no_label(inside) and (not words.is_note(inside) or _NO_LABEL.match(inside)):
        _take_labels(draft, _NO_NUMBER.sub("", _NO_LABEL.sub("", inside)))
    return True


def _is_open_version(inside: str, draft: Draft) -> bool:
    """Return True for "[Zorn Quill's Moonwalk]", and "[Zorn Quill Moonwalk]" where the page links the name;
    never for "[Zorn Quill Recordings]"."""
    if not _OWNED.search(inside) and not (draft.links and not _OF_LABELS.search(inside)):
        return False
    return read_open_version(inside, known_names(draft)) is not None


def _take_labels(draft: Draft, text: str) -> None:
    """Add the labels and catalogue numbers of "Label - CAT", "Label / Label", "CAT"."""
    pairs = [_label_and_number(part) for part in _LABELS_BETWEEN.split(text)]
    draft.catalogue = draft.catalogue or next((number for _, number in pairs if number), None)
    draft.labels = list(dict.fromkeys([*(label for label, _ in pairs if label), *draft.labels]))


def _label_and_number(text: str) -> tuple[str, str | None]:
    if is_catalogue_number(text):
        return "", text
    if numbered := _CATALOGUE.match(text):
        return numbered["label"], numbered["number"]
    first, dash, label = text.partition(" - ")
    if dash and is_catalogue_number(first):  # "XY042 - Label"
        return label, first
    behind = _NUMBER_BEHIND.match(text)
    if behind and _TIGHT_NUMBER.match(behind["number"]):
        return behind["label"], behind["number"]
    return text, None


def is_catalogue_number(text: str) -> bool:
    """Return True for letters and at least two closing digits: "XY042", "ABC-12"; not for "Studio 54"."""
    return _BARE_NUMBER.match(text) is not None
