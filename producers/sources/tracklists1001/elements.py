"""The elements of one row, found in one pass over it.

A query per field reads better and was most of the time of a page: 13 queries of 40 us on each row.
"""

from collections.abc import Iterator
from functools import lru_cache

from producers.sources.tracklists1001 import reading
from producers.sources.tracklists1001.tree import Element, text_of

NUMBER = "_tracknumber_value"
CUE_INPUT = "_cue_seconds"
#: Classes that anything is read from; a row has fifty elements, of which these are ten.
CLASSES = frozenset({"trackLabel", "trackValue", "trackEditData", "cue", "bootleg", "mediaRow", "spLR"})
#: Elements that carry them. Asking one for an attribute costs five times of walking past it, and half of a
#: row are icons, links, covers and metas.
TAGS = ("span", "div")


@lru_cache(maxsize=4096)
def wanted(classes: str) -> tuple[str, ...]:
    """Return the classes of an attribute that the parser reads. A page repeats a few dozen attributes."""
    return tuple(name for name in classes.split() if name in CLASSES)


class Elements:
    """The elements of a row, by class and by microdata name. Elements are those of the page's tree (lxml)."""

    __slots__ = ("_by_class", "_root", "classes", "cue_input", "metas", "number")

    def __init__(self, row: Element) -> None:
        self._root = row
        self._by_class: dict[str, list[Element]] = {}
        #: Of the row itself.
        self.classes: list[str] = row.get("class", "").split()
        #: Contents of the row's metas, the first of each name.
        self.metas: dict[str, str] = {}
        #: The number as shown, and the value of the cue's input.
        self.number: str | None = None
        self.cue_input: str | None
        by_class = self._by_class
        for element in row.iterdescendants(*TAGS):
            if classes := element.get("class"):
                for name in wanted(classes):
                    by_class.setdefault(name, []).append(element)
            if self.number is None and (element.get("id") or "").endswith(NUMBER):
                self.number = text_of(element)
        self._take_metas(row)
        inputs = (node for node in row.iterdescendants("input") if (node.get("id") or "").endswith(CUE_INPUT))
        self.cue_input = next((node.get("value") for node in inputs), None)

    def _take_metas(self, row: Element) -> None:
        for element in row.iterdescendants("meta"):
            name = element.get("itemprop")
            if name is not None and name not in self.metas:
                content = reading.tidy(element.get("content"))
                if content:
                    self.metas[name] = content

    def attribute(self, name: str) -> str:
        """Return an attribute of the row itself; empty when there is none."""
        return str(self._root.get(name, "")).strip()

    def has(self, name: str) -> bool:
        """Return True if an element of the row has this class, one of `CLASSES`."""
        return name in self._by_class

    def has_mark(self, marks: frozenset[str]) -> bool:
        """Return True if one of these marks is between two names, in a span of its own."""
        return any((span.text or "").strip() in marks for span in self._by_class.get("spLR", ()))

    def text(self, name: str) -> str | None:
        """Return the text of the first element of this class."""
        return text_of(self.first(name))

    def texts(self, name: str) -> Iterator[str | None]:
        """Return the texts of all elements of this class."""
        return map(text_of, self._by_class.get(name, ()))

    def first(self, name: str) -> Element | None:
        """Return the first element of this class."""
        elements = self._by_class.get(name)
        return elements[0] if elements else None
