"""Names of labels: which texts in the place of a label name none, and which are one label."""

from songnodes.domain.text import norm_v1

#: Words at the end of a name that do not tell labels apart. "Music", "Digital" and "Trax" do.
_ENDINGS = frozenset({"records", "record", "recordings", "recording", "recs", "rec"})

#: Folded to lower-case letters and digits.
_NONE = frozenset(
    str.split(
        """
    free selfreleased selfrelease notonlabel notonanylabel nolabel promo promoonly unreleased forthcoming
    whitelabel white whitelabels cdr na none unknown unknownlabel unsigned tba tbc tbd id freedownload freedl
    dubplate unlabelled
    """
    )
)


def is_no_label(text: str) -> bool:
    """Return True for "FREE", "Self-Released", "Not On Label", "Promo Only", "n/a", in any case and spelling.

    "Not On Label (Zorn Quill Self-released)", as Discogs writes it, is none either.
    """
    folded = "".join(filter(str.isalnum, text.partition("(")[0].casefold()))
    return folded in _NONE


def known_label(text: str | None) -> str | None:
    """Return the label that a field of a page names; None for a text that names none."""
    return text if text and not is_no_label(text) else None


def label_id(text: str | None) -> str | None:
    """Return the id of a label, equal for its spellings; None for a text that names none.

    "Drumcode", "DRUMCODE" and "Drumcode Records" are "drumcode"; "Ultra Music" and "Ultra Records" differ.
    """
    label = known_label(text)
    if label is None:
        return None
    words = norm_v1(label).split()
    while len(words) > 1 and words[-1] in _ENDINGS:
        words.pop()
    return " ".join(words) or None
