"""What the pages held of one set say together: a tracklist, a show's sections, the media links of its rows.

A function of the set of records, not of their order.
"""

from collections.abc import Mapping, Sequence

from songnodes.domain.records import Header, Tracklist, TracklistRow

#: Where rows come from, the surest first: a description is free text.
TRUST = ("page", "sections", "description")
#: `rows_from` of a record that takes back what earlier pages said of the set: it has no rows.
WITHDRAWN = "withdrawn"
MEDIA = "_media"  # ends the name of the id that a row has for the site's own media answer

Ids = Mapping[str, str]


def order(tracklist: Tracklist) -> tuple[object, ...]:
    """Return the rank of a record: the newest is the last fetched, then what the newer parser read.

    Of two pages of one moment a withdrawal is the newer one: a page is moved after it was written.
    """
    fetched = tracklist["observed_at"], tracklist["parser_version"]
    return *fetched, is_withdrawal(tracklist), tracklist["page_sha256"]


def slot(tracklist: Tracklist) -> str:
    """Return the key that a record is held under. A withdrawal replaces no page: both are compared."""
    kind = tracklist["page_kind"]
    return f"{kind} {WITHDRAWN}" if is_withdrawal(tracklist) else kind


def is_withdrawal(tracklist: Tracklist) -> bool:
    """Return True for the record of a page that its site moved or removed."""
    return tracklist["rows_from"] == WITHDRAWN


def withdrawal(held: Sequence[Tracklist]) -> Tracklist | None:
    """Return the newest withdrawal, unless a page with rows is newer; None where nothing is withdrawn."""
    newest = max(filter(is_withdrawal, held), key=order, default=None)
    if newest is None or any(each["rows"] and order(each) > order(newest) for each in held):
        return None
    return newest


def listed(held: Sequence[Tracklist]) -> Tracklist | None:
    """The record whose rows stand: of those that have any the surest, then the newest."""
    return max(
        (tracklist for tracklist in held if tracklist["rows"]),
        key=lambda tracklist: (-_distrust(tracklist), *order(tracklist)),
        default=None,
    )


def header(held: Sequence[Tracklist], chosen: Tracklist) -> Header:
    """The header of the chosen record; of the newest other one where it names no DJ, as sections alone do."""
    if chosen["header"]["djs"]:
        return chosen["header"]
    others = [tracklist for tracklist in held if tracklist["header"]["djs"]]
    return max(others, key=order, default=chosen)["header"]


def links(held: Sequence[Tracklist]) -> dict[str, Ids]:
    """Ids at shops and services by media id, from the newest answer about each."""
    return {
        media["media_id"]: media["ids"]
        for tracklist in sorted(held, key=order)
        for media in tracklist["media"]
    }


def linked(row: TracklistRow, known: Mapping[str, Ids]) -> dict[str, str]:
    """The ids of a row, with those of its media answer; what the row itself says stands."""
    media = next((native for name, native in sorted(row["ids"].items()) if name.endswith(MEDIA)), None)
    return {**known.get(media or "", {}), **row["ids"]}


def _distrust(tracklist: Tracklist) -> int:
    source = tracklist["rows_from"]
    return TRUST.index(source) if source in TRUST else len(TRUST)
