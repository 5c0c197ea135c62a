"""Signatures of values, to see whether an output shows something new. Valid within one process only."""

import msgspec

#: A tenth of the time of `repr`, which encodes what MessagePack has no form for.
_encode = msgspec.msgpack.Encoder(enc_hook=repr).encode


def signature(value: object) -> int:
    """Return a signature of a value made of mappings, lists, texts, numbers and dates."""
    return hash(_encode(value))
