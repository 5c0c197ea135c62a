"""The world of a data directory. The day of the first start is stored: later starts have the same world."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from demo.world import world
from demo.world.sizes import SIZES
from demo.world.world import World

FILE = "demo-world.json"
LAST_EDITION = 2  # every set has at most two versions


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldState:
    """Parameters of a world, and the edition its sites have reached; 0 before the first crawl."""

    day: str
    size: str = "demo"
    seed: int = world.SEED
    edition: int = 0

    @property
    def world(self) -> World:
        """The world itself."""
        return world.make(SIZES[self.size], date.fromisoformat(self.day), self.seed)

    def next_edition(self) -> "WorldState":
        """Return the state with the sites one edition later."""
        return replace(self, edition=min(self.edition + 1, LAST_EDITION))


def load(home: Path) -> WorldState | None:
    """Return the world of this home; None before the first start."""
    file = home / FILE
    return WorldState(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def save(home: Path, state: WorldState) -> None:
    """Store the state for the next start."""
    home.mkdir(parents=True, exist_ok=True)
    (home / FILE).write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
