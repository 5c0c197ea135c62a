"""Marks on what a site keeps in its answer and takes back: deleted, struck out, hidden.

In HTML these are tags, classes and styles, in JSON flags.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

STRUCK_TAGS = frozenset({"del", "s", "strike"})
#: "deleted" is alone or a word of a class: "is-deleted", "tlpDeleted"; not "undeleted", "not-deleted".
_DELETED_CLASS = re.compile(
    r"(?<![^\s_-])(?:deleted|DELETED|removed|REMOVED)(?![^\s_A-Z-])"
    r"|(?<![^\s_a-z-])(?:Deleted|Removed)(?![^\s_A-Z-])"
)
_NEGATION = re.compile(
    r"(?<![^\s_-])(?:un|no|not|non|never|has|have|show|can|with|without)[_-]?$", re.IGNORECASE
)
#: Whole classes: "hidden-xs" hides on small screens only, and 1001tracklists folds with "tgHid".
_HIDDEN_CLASS = re.compile(
    r"(?<!\S)(?:(?:tlp|row|item|is)?[_-]?(?:hidden|invisible)(?:[_-]?(?:row|item))?|d-none)(?!\S)",
    re.IGNORECASE,
)
_NOT_SHOWN = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))\b", re.IGNORECASE
)
_STRUCK = re.compile(r"(?:^|;)\s*text-decoration(?:-line)?\s*:[^;]*\bline-through\b", re.IGNORECASE)
#: Values of attributes and fields that mean no.
FALSE = frozenset({"false", "0", "no", "off", "null", "none", "undefined", "nan"})
STATES = frozenset({"deleted", "removed"})
_FLAGS = tuple(
    name
    for word in ("deleted", "removed", "hidden")
    for name in (word, f"is{word.title()}", f"is_{word}", f"{word}_at", f"{word}At")
)
MAX_CHARS = 500  # of a value that are read


@lru_cache(maxsize=4096)
def names_deleted(classes: str) -> bool:
    """Return True if a class attribute has a word for what is deleted."""
    cut = classes[:MAX_CHARS]
    return any(not _NEGATION.search(cut[: mark.start()]) for mark in _DELETED_CLASS.finditer(cut))


@lru_cache(maxsize=4096)
def names_hidden(classes: str) -> bool:
    """Return True if a class attribute has a class that hides an element on all screens."""
    return _HIDDEN_CLASS.search(classes[:MAX_CHARS]) is not None


def is_struck(style: str) -> bool:
    """Return True if a style attribute strikes its text out."""
    return _STRUCK.search(style[:MAX_CHARS]) is not None


def is_unshown(style: str) -> bool:
    """Return True if a style attribute hides its element."""
    return _NOT_SHOWN.search(style[:MAX_CHARS]) is not None


def is_flagged(fields: Mapping[str, object]) -> bool:
    """Return True if an object of an answer is flagged as deleted or hidden: `deleted`, `isHidden`, ..."""
    if any(str(fields.get(name)).strip().casefold() in STATES for name in ("status", "state")):
        return True
    values = (fields.get(name) for name in _FLAGS)
    return any(bool(value) and str(value).strip().casefold() not in FALSE for value in values)
