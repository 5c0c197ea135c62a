"""Base of the generators that write the source text of functions from a schema."""

from typing import Any


class SourceGenerator:
    """Collects lines of source text, and the constants that they name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self._name_count = 0

    def add(self, depth: int, *lines: str) -> None:
        """Append lines, indented by `depth` levels of two blanks."""
        self.lines += [f"{'  ' * depth}{line}" for line in lines]

    def constant(self, value: Any) -> str:
        """Return the name of a value in the scope of the lines."""
        name = self.unique_name("C")
        self.constants[name] = value
        return name

    def unique_name(self, prefix: str) -> str:
        """Return a name that no other call returns."""
        self._name_count += 1
        return f"{prefix}{self._name_count}"
