"""SVG elements: escaped text, numbers of fixed precision, and the saved file with its style sheet."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

NAMESPACE = "http://www.w3.org/2000/svg"
#: Characters that XML 1.0 cannot contain, not even escaped.
INVALID_CHARACTERS = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
VARIABLE = re.compile(r"var\((--[a-z-]+)\)")
#: Shades of a field by its share of the highest value; 0 is empty.
LEVELS = 5

#: Values of the variables in static/drawings.css for a saved file, as static/style.css has them for pages.
LIGHT: Mapping[str, str] = {
    "--surface": "#ffffff",
    "--line": "#d9d4c8",
    "--control": "#7d786c",
    "--text": "#1b1c1f",
    "--muted": "#565b62",
    "--accent": "#85450a",
    "--good": "#1c6b3a",
    "--bad": "#a3261d",
}
DARK: Mapping[str, str] = {
    "--surface": "#1a1d22",
    "--line": "#30353d",
    "--control": "#7b838e",
    "--text": "#ebe8e1",
    "--muted": "#a9afb8",
    "--accent": "#ffb65c",
    "--good": "#7fd49b",
    "--bad": "#ff9d92",
}


@dataclass(frozen=True, slots=True)
class Table:
    """The values of a drawing as a table: names of the columns, and rows of as many cells."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def clean(text: str) -> str:
    """Return a text without the characters that XML cannot contain."""
    return INVALID_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", text)


def shortened(text: str, length: int) -> str:
    """Return at most this many characters of a text, the last a mark where some were left out."""
    return text if len(text) <= length else text[: length - 1] + "…"


def number(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def add(parent: Element, tag: str, text: str | None = None, **attributes: str | float | None) -> Element:
    """Append an element. `class_` is class, `_` in names is `-`; attributes of None are left out."""
    element = SubElement(parent, tag)
    for name, value in attributes.items():
        if value is not None:
            attribute = name.rstrip("_").replace("_", "-")
            element.set(attribute, clean(value) if isinstance(value, str) else number(value))
    if text is not None:
        element.text = clean(text)
    return element


def linked(parent: Element, address: str | None) -> Element:
    """Append a link to an address of this site; without an address a group."""
    return add(parent, "g") if address is None else add(parent, "a", href=address)


def drawing(
    kind: str, width: float, height: float, title: str, description: str, *, links: bool = False
) -> Element:
    """Return an empty drawing of a kind, named by its title.

    With links it is a group: the contents of an image cannot be reached by the keyboard.
    """
    root = Element("svg", xmlns=NAMESPACE)
    root.set("class", f"drawing {kind}")
    root.set("viewBox", f"0 0 {number(width)} {number(height)}")
    root.set("role", "group" if links else "img")
    root.set("aria-label", clean(f"{title}. {description}" if description else title))
    add(root, "title", title)
    add(root, "desc", description)
    return root


def level(value: float, highest: float) -> int:
    """Return the shade of a value: 0 for nothing, 1 to LEVELS by its share of the highest."""
    if value <= 0 or highest <= 0:
        return 0
    return min(LEVELS, max(1, math.ceil(LEVELS * value / highest)))


def fragment(root: Element) -> str:
    """Return a drawing as a part of a page: no style of its own, the page has static/drawings.css."""
    return ElementTree.tostring(root, encoding="unicode")


def document(root: Element) -> str:
    """Return a drawing as a file of its own, with its size and style sheet, in light and dark colours."""
    copy = ElementTree.fromstring(fragment(root))  # noqa: S314 - our own drawing, never an input
    ElementTree.register_namespace("", NAMESPACE)
    width, height = set_size(copy)
    style = Element(f"{{{NAMESPACE}}}style")
    style.text = style_sheet()
    copy.insert(0, style)
    background = Element(f"{{{NAMESPACE}}}rect", {"class": "ground", "width": width, "height": height})
    copy.insert(3, background)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(copy, encoding="unicode") + "\n"


def set_size(root: Element) -> tuple[str, str]:
    """Give a drawing its own width and height, which are returned; without them it fills its place."""
    _, _, width, height = root.attrib["viewBox"].split()
    root.set("width", width)
    root.set("height", height)
    return width, height


def style_sheet() -> str:
    """Return the style sheet with all variables replaced: many viewers of files have none."""
    sheet = files("web").joinpath("static", "drawings.css").read_text("utf-8")
    light = VARIABLE.sub(lambda name: LIGHT[name[1]], sheet)
    dark = VARIABLE.sub(lambda name: DARK[name[1]], sheet)
    return f"\n{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"
