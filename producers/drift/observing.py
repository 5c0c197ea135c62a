"""Observation of a page, the evidence for or against a change of its site. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from producers import sources
from producers.sources.card import Card
from producers.sources.errors import Blocked
from songnodes.domain.drift import Observation, Share, Subject
from songnodes.domain.records import Page
from songnodes.domain.set_pages import WITHDRAWN
from songnodes.errors import Poison


def subject(page: Page) -> Subject | None:
    """Return the subject of a page: source, kind, parser version; None for a page of an unknown source."""
    source = sources.SOURCES.get(page["source"])
    if source is None:
        return None
    return Subject(source.name, page["kind"], source.card.version(page["kind"]))


def observe(page: Page) -> Observation | None:
    """Return the observation of a page; None for a block page (handled by the gate), and for a page that the
    site moved or removed."""
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
    return {contract.name: contract.name not in broken for contract in card.contracts} if records else {}


def _fields(card: Card, records: Sequence[Mapping[str, Any]]) -> dict[str, Share]:
    """Return the share of filled values per field over all records of the page, without fields not on it."""
    shares: dict[str, Share] = {}
    for record in records:
        for path, share in card.covered(record).items():
            before = shares.get(path, Share(0, 0))
            shares[path] = Share(before.filled + share.filled, before.all + share.all)
    return {path: share for path, share in shares.items() if share.all}
