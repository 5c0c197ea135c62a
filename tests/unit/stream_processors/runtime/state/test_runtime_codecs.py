"""Encoding of table values."""

import pytest

from stream_processors.runtime.state.codecs import PACKED, BytesValues, SchemaValues, UnreadableState

V1 = {"type": "record", "name": "Entry", "fields": [{"name": "version", "type": "long"}]}
V2 = {
    "type": "record",
    "name": "Entry",
    "fields": [
        {"name": "version", "type": "long"},
        {"name": "note", "type": "string", "default": "none"},
    ],
}


def test_values_of_an_older_version_are_read_as_the_newest() -> None:
    old = SchemaValues({b"e": [V1]})
    new = SchemaValues({b"e": [V1, V2]})
    raw = old.encode(b"e|a|1", {"version": 3})
    assert raw[0] == PACKED + 1
    assert new.decode(b"e|a|1", raw) == {"version": 3, "note": "none"}
    assert new.encode(b"e|a|1", {"version": 3, "note": "x"})[0] == PACKED + 2


def test_values_of_a_newer_version_and_of_an_unknown_kind_are_refused() -> None:
    old = SchemaValues({b"e": [V1]})
    raw = SchemaValues({b"e": [V1, V2]}).encode(b"e|a|1", {"version": 3, "note": "x"})
    with pytest.raises(UnreadableState):
        old.decode(b"e|a|1", raw)
    with pytest.raises(UnreadableState):
        old.encode(b"t|a", {"version": 3})
    with pytest.raises(UnreadableState):
        old.decode(b"", raw)
    with pytest.raises(ValueError, match="one byte"):
        SchemaValues({b"ee": [V1]})


def test_bytes_are_kept_as_bytes() -> None:
    assert BytesValues().decode(b"k", BytesValues().encode(b"k", b"v")) == b"v"
