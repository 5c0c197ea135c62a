"""Columns that several tables share."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from sinks.tables.writer import Value
from sinks.values import is_infinite, json_text


def scores(value: Value) -> dict[str, Any]:
    """Return the columns of a `Quality` record, and the failed checks."""
    quality = value["quality"]
    return {
        "data_completeness": quality["completeness"],
        "confidence_score": quality["confidence"],
        "validation_score": quality["validation"],
        "data_quality_score": quality["score"],
        "validation_status": value["validation_status"],
        "checks": json_text(value["checks"]),
    }


def support(days: Iterable[Value]) -> dict[str, Any]:
    """Days of support as two arrays, in the order of days: sums over them are equal to the last bit."""
    ordered = sorted((day for day in days if not is_infinite(day["day"])), key=itemgetter("day"))
    return {
        "support_dates": [day["day"] for day in ordered],
        "support_weights": [day["weight"] for day in ordered],
    }
