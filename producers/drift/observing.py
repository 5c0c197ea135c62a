"""A page as evidence for or against a change of its site. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from producers import sources
from producers.sources.card import Card
from producers.sources.refusals import Blocked
from songnodes.domain.drift import Observation, Share, Subject
from songnodes.domain.held import WITHDRAWN
from songnodes.domain.records import Page
from songnodes.errors import Poison


def subject(page: Page) -> Subject | None:
    """What the page belongs to; None for a page of no known source."""
    source = sources.SOURCES.get(page["source"])
    if source is None:
        return None
    return Subject(source.name, page["kind"], source.card.version(page["kind"]))


def observe(page: Page) -> Observation | None:
    """What the page shows; None for what the site sent in place of a page (a matter of the gate), and for a
    page that it moved or removed."""
    about = subject(page)
    if about is None:
        return None
    failure, outputs = None, []
    try:
        outputs = sources.parse(page)
    except Blocked:
        return None
    except Poison as poison:
        failure = poison.reason
    card = sources.SOURCES[about.source].card
    records = [output.record for output in outputs if output.topic == card.topic]
    if any(record.get("rows_from") == WITHDRAWN for record in records):
        return None
    return Observation(
        subject=about,
        page_id=page["page_id"],
        sha256=page["sha256"],
        failure=failure,
        kept=_kept(card, records),
        fields=_fields(card, records),
        structure=frozenset() if failure else card.structure(page, records),
    )


def _kept(card: Card, records: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    broken = {name for record in records for name in card.broken(record)}
    return {each.name: each.name not in broken for each in card.contracts} if records else {}


def _fields(card: Card, records: Sequence[Mapping[str, Any]]) -> dict[str, Share]:
    """Filled places over all records of the page; a field without a place on it is left out."""
    found: dict[str, Share] = {}
    for record in records:
        for path, share in card.covered(record).items():
            before = found.get(path, Share(0, 0))
            found[path] = Share(before.filled + share.filled, before.all + share.all)
    return {path: share for path, share in found.items() if share.all}
