"""MusicBrainz answers in XML, converted to the form of its JSON (musicbrainz.org/doc/MusicBrainz_API)."""

from lxml import etree

from enrichment.providers.reading import Json

#: A document type could name other files, or entities that expand without end.
_FORBIDDEN = b"<!DOCTYPE"
#: Lists whose JSON name is not the singular with an s.
_LISTS = {
    "medium-list": "media",
    "label-info-list": "label-info",
    "release-event-list": "release-events",
    "iso-3166-1-code-list": "iso-3166-1-codes",
    "relation-list": "relations",
    "alias-list": "aliases",
    "secondary-type-list": "secondary-types",
    "artist-credit": "artist-credit",
}
_NUMBERS = frozenset({"length", "count", "score", "offset", "track-count", "position"})


def parse_xml(body: bytes) -> Json:
    """Return the content of `<metadata>` in the form of the JSON; None where it is none."""
    if _FORBIDDEN in body[:1000].upper():
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return _object(root) if _tag(root) == "metadata" else None


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _object(element: etree._Element) -> dict[str, Json]:
    values: dict[str, Json] = {}
    for name, value in element.attrib.items():
        local = etree.QName(name).localname
        values[local] = _scalar(local, value)
    for child in element:
        tag = _tag(child)
        if not tag:
            continue
        if tag == "target":  # of a relation: an address, or the id of an entity
            values["url"] = {"resource": (child.text or "").strip()}
            continue
        listed = _LISTS.get(tag) or (f"{tag.removesuffix('-list')}s" if tag.endswith("-list") else None)
        if listed is not None:
            values[listed] = [*values.get(listed, ()), *_items(child)]
        else:
            values[tag] = _object(child) if len(child) or child.attrib else _scalar(tag, child.text or "")
    return values


def _items(element: etree._Element) -> list[Json]:
    kind = {"target-type": element.get("target-type")} if element.get("target-type") else {}
    items: list[Json] = []
    for child in element:
        tag = _tag(child)
        if tag == "isrc":
            items.append(child.get("id") or (child.text or "").strip())
        elif tag in ("secondary-type", "iso-3166-1-code"):
            items.append((child.text or "").strip())
        elif tag == "alias":
            items.append({**dict(child.attrib), "name": (child.text or "").strip()})
        elif tag not in ("", "track-count"):
            items.append({**kind, **_object(child)})
    return items


def _scalar(name: str, value: str) -> Json:
    plain = value.strip()
    return (
        int(plain) if name in _NUMBERS and plain.isascii() and plain.isdigit() and len(plain) < 16 else plain
    )
