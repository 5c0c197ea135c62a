"""The order of the tasks of a rebuild: those of a pass run side by side, the passes one after the other."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from operations.rebuild import copying, gold, silver, silver_tasks, tasks
from operations.rebuild.job import READ_ENTITIES, READ_PLAYLISTS, Counts, Job, Task
from operations.rebuild.part_files import Part
from operations.rebuild.plan import RebuildPlan

#: Estimates of processor time in seconds, for the time left.
PAGE_COST_S, TRACKLIST_COST_S, PLAYLIST_COST_S = 0.007, 0.007, 0.003
FACT_COST_S, ROW_COST_S = 0.00015, 0.0003
#: Per set, estimates.
FACTS_PER_SET, GOLD_ROWS_PER_SET, SILVER_ROWS_PER_SET = 40, 4, 25


class Pass(NamedTuple):
    """Tasks that need no other task of their pass."""

    name: str
    tasks: list[Task]


def passes(plan: RebuildPlan) -> list[Pass]:
    """Return the tasks of a rebuild."""
    return _Passes(plan).gold() if plan.stage == gold.STAGE else _Passes(plan).silver()


class _Passes:
    def __init__(self, plan: RebuildPlan) -> None:
        self._plan = plan

    def gold(self) -> list[Pass]:
        """Return the passes from playlists to the tables of gold."""
        read = [
            *self._by_partition(READ_PLAYLISTS, tasks.read_playlists, PLAYLIST_COST_S),
            *self._read_entities(),
        ]
        return [
            Pass("read", read),
            Pass("fold", self._fold_gold()),
            Pass("load", [*self._load_gold(), self._copy(gold.COPIED)]),
        ]

    def silver(self) -> list[Pass]:
        """Return the passes from pages or tracklists to the tables of silver and gold."""
        first = [Task(silver.RESOLUTIONS, copying.copy_resolutions, self._cost(ROW_COST_S))]
        if self._plan.from_pages:
            first += self._by_partition("parse", silver_tasks.parse_pages, PAGE_COST_S)
        read = [
            *self._by_partition(silver_tasks.READ_SETS, silver_tasks.read_sets, ROW_COST_S),
            *self._by_partition(silver_tasks.READ_TRACKS, silver_tasks.read_tracks, ROW_COST_S),
            *self._by_partition(silver_tasks.READ_ARTISTS, silver_tasks.read_artists, ROW_COST_S),
        ]
        set_parts, parts = self._plan.set_layout.all_parts(), self._plan.layout.all_parts()
        facts_cost = FACTS_PER_SET / 2 * FACT_COST_S
        fold_sets = self._by_part("fold-sets", silver_tasks.fold_sets, set_parts, TRACKLIST_COST_S)
        fold_tracks = self._by_part("fold-tracks", silver_tasks.fold_tracks, parts, facts_cost)
        fold_artists = self._by_part("fold-artists", silver_tasks.fold_artists, parts, facts_cost)
        playlists, tracks, artists, events = (self._load(topic) for topic in silver.OUTPUTS)
        return [
            Pass("parse" if self._plan.from_pages else "copy", first),
            Pass("read", read),
            Pass("fold sets", fold_sets),
            Pass("fold tracks", [*fold_tracks, *playlists, *events]),
            Pass("fold artists", [*fold_artists, *tracks]),
            Pass("read for gold", self._read_entities()),
            Pass("fold gold", [*self._fold_gold(), *artists]),
            Pass("load", [*self._load_gold(), self._copy(silver.REDIRECTS), self._copy(gold.COPIED)]),
        ]

    def _read_entities(self) -> list[Task]:
        return self._by_partition(READ_ENTITIES, tasks.read_entities, PLAYLIST_COST_S / 10)

    def _fold_gold(self) -> list[Task]:
        parts = self._plan.layout.all_parts()
        return self._by_part("fold", tasks.fold_part, parts, FACTS_PER_SET * FACT_COST_S)

    def _load_gold(self) -> list[Task]:
        return [task for topic in gold.OUTPUTS for task in self._load(topic)]

    def _load(self, topic: str) -> list[Task]:
        is_list = topic == gold.PLAYLISTS
        rows = SILVER_ROWS_PER_SET / 5 if is_list else GOLD_ROWS_PER_SET
        load = partial(tasks.load_partition, topic)
        return self._by_partition(f"load-{topic}", load, rows * ROW_COST_S)

    def _copy(self, topic: str) -> Task:
        return Task(f"copy-{topic}", partial(copying.copy_topic, topic), self._cost(ROW_COST_S))

    def _by_partition(self, name: str, run: Callable[[int, Job], Counts], set_cost: float) -> list[Task]:
        numbers = range(self._plan.layout.partitions)
        cost = self._cost(set_cost) / len(numbers)
        return [Task(f"{name}-{number}", partial(run, number), cost) for number in numbers]

    def _by_part(
        self, name: str, run: Callable[[Part, Job], Counts], parts: list[Part], set_cost: float
    ) -> list[Task]:
        cost = self._cost(set_cost) / len(parts)
        return [Task(f"{name}-{part.name}", partial(run, part), cost) for part in parts]

    def _cost(self, set_cost: float) -> float:
        """Return the estimate for all sets."""
        return self._plan.sets * set_cost
