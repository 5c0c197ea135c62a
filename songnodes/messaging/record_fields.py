"""The fields of records that a reader uses, taken from the typed dictionary that it declares for them.

The type checker holds the reader to these fields, so no list of names has to be kept beside the code.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias, get_args, get_type_hints, is_typeddict

#: By name of a field, the fields of its records; None: all of them, or no record.
Fields: TypeAlias = "Mapping[str, Fields] | None"


def fields_of(kind: Any) -> Fields:
    """Return the fields of a typed dictionary, or of the one within a list, a map or an optional value."""
    if is_typeddict(kind):
        return {name: fields_of(hint) for name, hint in get_type_hints(kind).items()}
    return next((fields for part in get_args(kind) if (fields := fields_of(part)) is not None), None)


def is_read(fields: Fields, name: str) -> bool:
    """Return True if a field of this name is among the fields."""
    return fields is None or name in fields


def inner_fields(fields: Fields, name: str) -> Fields:
    """Return the fields of the records in a field."""
    return None if fields is None else fields[name]
