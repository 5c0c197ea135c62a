"""The waterfall: one value per field from all archived provider answers, with its reasons."""

from collections.abc import Mapping
from typing import Any

from songnodes.domain.quality import SUBJECTS, completeness, is_filled
from songnodes.domain.waterfall.answers import (
    EVERY_FIELD,
    OVERRIDE,
    PAGE,
    Answer,
    AttemptStatus,
    Enriched,
    Tried,
    page_answers,
)
from songnodes.domain.waterfall.choosing import choose, choose_of_pages
from songnodes.domain.waterfall.config import DEFAULT, Config, Provider, parse_config
from songnodes.domain.waterfall.fields import as_json, columns, read_value

__all__ = [
    "DEFAULT",
    "EVERY_FIELD",
    "OVERRIDE",
    "PAGE",
    "Answer",
    "AttemptStatus",
    "Config",
    "Enriched",
    "Provider",
    "Tried",
    "as_json",
    "choose",
    "choose_of_pages",
    "columns",
    "completeness",
    "completeness_ceiling",
    "page_answers",
    "parse_config",
    "read_value",
]


def completeness_ceiling(values: Mapping[str, Any], config: Config = DEFAULT) -> float:
    """Return the highest completeness that the enabled providers can reach, 0 to 1.

    It counts filled fields and fields they supply, over all named fields of a track."""
    fields, obtainable = SUBJECTS["tracks"].fields, config.obtainable
    reachable = [field for field in fields if field in obtainable or is_filled(values.get(field))]
    return len(reachable) / len(fields)
