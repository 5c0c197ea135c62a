"""Queries of a site by an operator, other than a single address."""

from dataclasses import dataclass
from datetime import date

from songnodes.errors import UserError


class QueryNotSupported(UserError):
    """The site does not support this query"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Sets by words, of a DJ, of a category (a tag, a category, an area: whatever the site sorts by), or new
    since a day. `today` is the default where a site requires a day."""

    today: date
    search: str | None = None
    dj: str | None = None
    category: str | None = None
    since: date | None = None

    @property
    def words(self) -> str:
        """The question as text: the same question has the same words."""
        fields = {"search": self.search, "dj": self.dj, "category": self.category, "since": self.since}
        return " ".join(f"{name}={value}" for name, value in fields.items() if value)
