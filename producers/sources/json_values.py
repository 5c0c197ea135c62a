"""Values of JSON answers, each as the type that is expected or as nothing: no answer breaks a parser."""

import json
import math
from typing import Any, NoReturn

from producers.sources import bodies
from producers.sources.errors import NotJson
from songnodes.domain.records import Page

LARGEST = 2**31 - 1  # Avro's int

Object = dict[str, Any]


def load(page: Page) -> Any:
    """Return the body as JSON. Raises NotJson, EmptyBody, BinaryBody."""
    text = bodies.decode(page["body"], page["content_type"]).text
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotJson(page["page_id"], begins=text[:40]) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and infinities are no JSON


def mapping(value: Any) -> Object:
    """Return the object, empty for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return the list, empty for anything else."""
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[Object]:
    """Return the objects of a list: cut answers have texts between them."""
    return [item for item in items(value) if isinstance(item, dict)]


def text(value: Any) -> str | None:
    """Text with single blanks, None where nothing is left; numbers as ids are written."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**63:
        return str(value)
    return " ".join(bodies.clean(value).split()) or None if isinstance(value, str) else None


def block(value: Any) -> str | None:
    """Text with its line breaks, None where nothing is left."""
    return bodies.clean(value).strip() or None if isinstance(value, str) else None


def texts(value: Any) -> list[str]:
    """Return the texts of a list, each once."""
    return list(dict.fromkeys(string for string in map(text, items(value)) if string))


def whole(value: Any) -> int | None:
    """Return a number without sign and fraction, 0 to 2^31-1, also as digits in a text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST else None


def number(value: Any) -> float | None:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        parsed = float(value)
    except OverflowError:
        return None
    return parsed if math.isfinite(parsed) else None


def flag(value: Any) -> bool | None:
    """Return the boolean, None for anything else."""
    return value if isinstance(value, bool) else None
