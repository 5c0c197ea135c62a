"""Where the servers of a pipeline are: the four addresses that every client needs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.embedded import secrets
from songnodes.settings import ADDRESS_FILE, ADDRESSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The field names are those of the settings."""

    kafka_bootstrap: str
    database_url: str
    redis_url: str
    schema_registry_url: str

    def environment(self) -> dict[str, str]:
        """The variables that hand them to another process."""
        return {name.upper(): value for name, value in asdict(self).items()}

    def keep(self, home: Path) -> None:
        """Write them where `songnodes.settings` looks; a reader sees the old file or the new, whole."""
        secrets.write_private(home / ADDRESS_FILE, json.dumps(asdict(self), indent=2) + "\n")


def from_outside(environment: Mapping[str, str]) -> dict[str, str]:
    """Addresses that are set from outside, by setting name: those servers are not ours to start."""
    return {name: environment[name.upper()] for name in ADDRESSES if environment.get(name.upper())}
