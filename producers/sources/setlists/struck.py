"""Texts without what is struck out or hidden in them: a row that its author took back is no play.

Strikes are HTML (`<s>`, `<del>`, `<strike>`, styles), templates of wikis, two tildes of Markdown, and
combining strokes behind each letter. All scans are linear in the length of the text.
"""

import re
from collections.abc import Callable, Iterator

from producers.sources import removal_marks

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z]{1,10})(?P<attributes>(?:[\s/][^<>]{0,500})?)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""\b(style|class)\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
_HIDDEN = re.compile(r"(?:^|\s)hidden(?=[\s=/]|$)", re.IGNORECASE)
_TEMPLATE = re.compile(r"\{\{\s{0,5}(?:strike(?:through)?|s|del|st)\s{0,5}\|([^{}]*)\}\}", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TILDES = re.compile(r"(?<!~)~~(?=[^\s~])([^~\n]*[^\s~])~~(?!~)")
_STROKES = re.compile("(?:[^\n\u0335-\u0338][\u0335-\u0338]){3,}")
_STROKE = re.compile("[\u0335-\u0338]")
_STROKE_CHARS = ("\u0335", "\u0336", "\u0337", "\u0338")
_BRACKETED = re.compile(r"\[[^\[\]]{0,100}\]|\([^()]{0,20}\)|<[^<>]{0,500}>|\b\d{1,3}:\d\d\b")
#: Tags of one name that are followed for the end of an element; a page of open tags takes no longer.
MAX_TAGS = 50
#: Names of elements that cannot be inside of themselves.
FLAT = removal_marks.STRUCK_TAGS
#: What stands for a part that was taken out, until its line is read again.
_CUT = "\x01"


def without_struck(text: str, *, is_wikitext: bool = False) -> str:
    """Return a text without what is struck out or hidden, and without lines of which nothing else is left.

    Wikis close an open tag at the end of its line; in other texts it is no tag.
    """
    plain = text.replace(_CUT, "")
    if is_wikitext and "{{" in plain:
        plain = _TEMPLATE.sub(r"<s>\1</s>", plain)
    if "<" in plain:
        plain = "".join(_shown(_COMMENT.sub(_CUT, plain), is_wikitext))
    if "~~" in plain:
        plain = _without_marked(plain, _TILDES, lambda struck: struck[1])
    if any(stroke in plain for stroke in _STROKE_CHARS):
        plain = _without_marked(plain, _STROKES, lambda struck: _STROKE.sub("", struck[0]))
    if _CUT not in plain:
        return plain
    lines = (line for line in plain.split("\n") if _CUT not in line or _has_words(line))
    return "\n".join(line.replace(_CUT, "") for line in lines)


def _has_words(line: str) -> bool:
    return any(map(str.isalpha, _BRACKETED.sub("", line)))


def _shown(text: str, is_wikitext: bool) -> Iterator[str]:
    """Yield the parts of a text outside of elements that are struck out or hidden."""
    tags = list(_TAG.finditer(text))
    shown_from = 0
    for place, tag in enumerate(tags):
        if tag.start() < shown_from or tag["end"] or not _takes_back(tag):
            continue
        end = _end(text, tags, place, is_wikitext)
        if end is not None:
            yield text[shown_from : tag.start()] + _CUT
            shown_from = end
    yield text[shown_from:]


def _takes_back(tag: re.Match[str]) -> bool:
    attributes = tag["attributes"]
    if tag["name"].lower() in removal_marks.STRUCK_TAGS:
        return not attributes.endswith("/")
    if _HIDDEN.search(attributes):
        return True
    for name, *values in _ATTRIBUTE.findall(attributes):
        value = next(filter(None, values), "")
        if name.lower() == "style" and (removal_marks.is_struck(value) or removal_marks.is_unshown(value)):
            return True
        if name.lower() == "class" and (
            removal_marks.names_deleted(value) or removal_marks.names_hidden(value)
        ):
            return True
    return False


def _end(text: str, tags: list[re.Match[str]], place: int, is_wikitext: bool) -> int | None:
    """Return the end of the element that a tag opens; None if none closes it."""
    opened = tags[place]
    name = opened["name"].lower()
    depth = 1
    for tag in tags[place + 1 : place + 1 + MAX_TAGS]:
        if tag["name"].lower() != name:
            continue
        if not tag["end"] and name in FLAT:
            break
        depth += -1 if tag["end"] else 1
        if depth == 0:
            return tag.end()
    if not is_wikitext:
        return None
    line_end = text.find("\n", opened.end())
    return line_end if line_end >= 0 else len(text)


def _without_marked(text: str, pattern: re.Pattern[str], content: Callable[[re.Match[str]], str]) -> str:
    """Return a text without what the pattern marks; where most rows have the mark it is an ornament."""
    lines = text.split("\n")
    rows = [line for line in lines if any(map(str.isalpha, line)) and "-" in line]
    marked = sum(pattern.search(line) is not None for line in rows)
    if 2 * marked > len(rows):
        return pattern.sub(content, text)
    return pattern.sub(_CUT, text)
