"""State of an artist stored before votes and ids existed is read without votes."""

from datetime import UTC, datetime
from typing import cast

from songnodes.domain import artists
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import SchemaValues

SEEN = datetime(2026, 11, 1, tzinfo=UTC)
PROFILE = {"observed_at": SEEN, "parser_version": 1, "content_hash": "0", "name": "Âme", "native_id": "ame"}
SUMS = {"names": {"Ame": 2}, "native_ids": {}, "dj_sets": 2, "producer_sets": 0, "profiles": {"ra": PROFILE}}
CREDIT = {
    "version": 1,
    "name": "Ame",
    "native_id": None,
    "as_dj": True,
    "as_producer": False,
    "observed_at": SEEN,
}


def test_values_of_the_first_version_are_read_as_the_newest() -> None:
    totals, entries = state_schemas("silver.artists.total"), state_schemas("silver.artists.entry")
    first = SchemaValues({b"t": totals[:1], b"e": entries[:1]})
    newest = SchemaValues({b"t": totals, b"e": entries})

    total = newest.decode(b"t|a", first.encode(b"t|a", {"applied": {}, "accumulators": SUMS}))
    entry = newest.decode(b"e|a", first.encode(b"e|a", {"credit": CREDIT}))

    sums = total["accumulators"]
    assert (sums["votes"], sums["profiles"]["ra"]["ids"], entry["credit"]["trust"]) == ({}, {}, 0)
    assert artists.display_name(sums, "ame-1") == "Âme"
    renamed = cast(artists.CreditEntry, {**entry["credit"], "name": "Âme", "trust": 3})
    moved = artists.apply_credit(sums, entry["credit"], renamed)
    assert (moved["names"], moved["votes"]) == ({"Ame": 1, "Âme": 1}, {"Âme": 3})
