"""Merge of the stored pages of one set: a tracklist, a show's sections, the media links of its rows.

The result depends on the set of records, not on their order.
"""

from collections.abc import Mapping, Sequence

from songnodes.domain.records import Header, Tracklist, TracklistRow

#: Sources of rows, the most reliable first: a description is free text.
TRUST = ("page", "sections", "description")
#: `rows_from` of a record that retracts earlier pages of the set: it has no rows.
WITHDRAWN = "withdrawn"
MEDIA = "_media"  # suffix of the name of a row's id at the site's own media service

Ids = Mapping[str, str]


def order(tracklist: Tracklist) -> tuple[object, ...]:
    """Return the rank of a record: the newest is the last fetched, then what the newer parser read.

    Of two pages of one moment a withdrawal is the newer one: a page is moved after it was written.
    """
    fetched = tracklist["observed_at"], tracklist["parser_version"]
    return *fetched, is_withdrawal(tracklist), tracklist["page_sha256"]


def slot(tracklist: Tracklist) -> str:
    """Return the key that a record is stored under. A withdrawal replaces no page: both are compared."""
    kind = tracklist["page_kind"]
    return f"{kind} {WITHDRAWN}" if is_withdrawal(tracklist) else kind


def is_withdrawal(tracklist: Tracklist) -> bool:
    """Return True for the record of a page that its site moved or removed."""
    return tracklist["rows_from"] == WITHDRAWN


def withdrawal(tracklists: Sequence[Tracklist]) -> Tracklist | None:
    """Return the newest withdrawal, unless a page with rows is newer; None where nothing is withdrawn."""
    newest = max(filter(is_withdrawal, tracklists), key=order, default=None)
    if newest is None or any(record["rows"] and order(record) > order(newest) for record in tracklists):
        return None
    return newest


def listed(tracklists: Sequence[Tracklist]) -> Tracklist | None:
    """Return the record whose rows are current: of those with rows the most reliable, then the newest."""
    return max(
        (tracklist for tracklist in tracklists if tracklist["rows"]),
        key=lambda tracklist: (-_distrust(tracklist), *order(tracklist)),
        default=None,
    )


def header(tracklists: Sequence[Tracklist], chosen: Tracklist) -> Header:
    """Return the header of the chosen record; without a DJ (sections) that of the newest with one."""
    if chosen["header"]["djs"]:
        return chosen["header"]
    with_djs = [tracklist for tracklist in tracklists if tracklist["header"]["djs"]]
    return max(with_djs, key=order, default=chosen)["header"]


def links(tracklists: Sequence[Tracklist]) -> dict[str, Ids]:
    """Return the ids at shops and services by media id, from the newest response about each."""
    return {
        media["media_id"]: media["ids"]
        for tracklist in sorted(tracklists, key=order)
        for media in tracklist["media"]
    }


def linked(row: TracklistRow, ids_by_media: Mapping[str, Ids]) -> dict[str, str]:
    """Return the ids of a row and of its media response; the row's own ids take precedence."""
    if not ids_by_media:
        return {**row["ids"]}
    media = next((native for name, native in sorted(row["ids"].items()) if name.endswith(MEDIA)), None)
    return {**ids_by_media.get(media or "", {}), **row["ids"]}


def _distrust(tracklist: Tracklist) -> int:
    source = tracklist["rows_from"]
    return TRUST.index(source) if source in TRUST else len(TRUST)
