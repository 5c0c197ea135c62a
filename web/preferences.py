"""Notation of keys and dates and the colours of a reader: chosen by a form, kept in a cookie."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from urllib.parse import parse_qsl, urlencode

from songnodes.domain.keys import Notation, read_key

COOKIE = "preferences"
COOKIE_AGE_S = 365 * 86_400
CHOICES: Mapping[str, tuple[str, ...]] = {
    "keys": tuple(Notation),
    "dates": ("iso", "day_first", "month_first"),
    "theme": ("system", "light", "dark"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUS = "\u2212"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Choices of a reader, and values as this reader writes them."""

    keys: str = "camelot"
    dates: str = "iso"
    theme: str = "system"

    @property
    def notation(self) -> Notation:
        """Return the notation of keys."""
        return Notation(self.keys)

    def key(self, camelot: str) -> str:
        """Return a Camelot code in the chosen notation: "8A", "Am" or "1m"."""
        key = read_key(camelot)
        return camelot if key is None else key.written(self.notation)

    def key_names(self, camelot: str) -> str:
        """Return all names of a key: "A minor, Camelot 8A, Open Key 1m"."""
        key = read_key(camelot)
        return f"{key.name}, Camelot {key.camelot}, Open Key {key.open_key}" if key else camelot

    def day(self, day: date) -> str:
        """Return a date in the chosen form."""
        if self.dates == "day_first":
            return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        if self.dates == "month_first":
            return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
        return f"{day:%Y-%m-%d}"

    @staticmethod
    def signed(value: float, digits: int = 1) -> str:
        """Return a number with its sign; 0 has none."""
        text = f"{abs(value):.{digits}f}"
        if float(text) == 0:
            return text
        return f"{MINUS if value < 0 else '+'}{text}"

    @property
    def cookie(self) -> str:
        """Return the value of the cookie: `read` of it gives these preferences."""
        return urlencode({field.name: getattr(self, field.name) for field in fields(self)})


def read(cookies: Mapping[str, str]) -> Preferences:
    """Return the preferences of a request; a value that is no choice counts as absent."""
    return chosen(dict(parse_qsl(cookies.get(COOKIE, "")[:200])))


def chosen(values: Mapping[str, str], default: Preferences | None = None) -> Preferences:
    """Return preferences with the values that are choices, others as in the default."""
    base = default or Preferences()
    named = {
        name: values[name] if values.get(name) in allowed else getattr(base, name)
        for name, allowed in CHOICES.items()
    }
    return Preferences(**named)


def local_address(text: str) -> str:
    """Return a path of this site that may follow a form, else "/": never another host."""
    is_local = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if is_local and len(text) <= 4000 else "/"
