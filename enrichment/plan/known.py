"""Data of a track for its plan: the archived answers that count, ids, and the sources of each field."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from enrichment.plan.follow_ups import Histories
from enrichment.plan.routes import ADDRESSES, NAMES, TEXT, URL, Route
from enrichment.plan.types import ArchivedAnswer, PlanConfiguration, TrackQuestion
from enrichment.types import Provider
from songnodes.domain import answers
from songnodes.domain.answers import REFERENCE, WITH_VALUES, value_names
from songnodes.domain.waterfall import PAGE, Config, read_value

MAX_REFERENCES = 3  # results of a search without names that are looked up one by one


class Archive:
    """The archive of one track, weighed with the ids of pages."""

    def __init__(
        self,
        track: TrackQuestion,
        archive: Iterable[ArchivedAnswer],
        configuration: PlanConfiguration,
        providers: Mapping[str, Provider],
    ) -> None:
        self.track = track
        self.configuration = configuration
        entries = list(archive)
        self.by_call = answers.of_entries(entries)
        self.histories = Histories(entries, self.by_call)
        replaced = answers.replaced_ids(self.by_call.values())
        self._page_ids = {
            name: answers.follow(replaced, normal)
            for name, value in track.ids.items()
            if (normal := _normal_id(name, value))
        }
        self._counting = [
            (entry, confidence)
            for entry, confidence in answers.counting(self.by_call.values(), self._page_ids)
            if confidence is not None
        ]
        self._ids = self._known_ids()
        self._holders = self._field_holders()

    def _known_ids(self) -> dict[str, str]:
        """Return per kind the best id: of pages, then of the surest answer."""
        best: dict[str, tuple[float, str]] = {}
        for entry, confidence in self._counting:
            for name, value in entry["ids"].items():
                current = best.get(name)
                if current is None or (-confidence, value) < (-current[0], current[1]):
                    best[name] = (confidence, value)
        return {name: value for name, (_, value) in best.items()} | self._page_ids

    def _field_holders(self) -> dict[str, set[str]]:
        """Return the providers that have an acceptable value, by field; the page is one."""
        holders: dict[str, set[str]] = {field: {PAGE} for field in self.track.known}
        waterfall = self.configuration.waterfall
        for entry, confidence in self._counting:
            for field in value_names(entry["values"]):
                weight = waterfall.fields.get(field, {}).get(entry["provider"], 0.0)
                if weight * confidence >= waterfall.minimum:
                    holders.setdefault(field, set()).add(entry["provider"])
        return holders

    def has_track(self, provider: str) -> bool:
        """Return True if an answer of the provider counts."""
        return any(entry["provider"] == provider for entry, _ in self._counting)

    def has_hit(self, provider: str, operations: frozenset[str]) -> bool:
        """Return True if an answer of one of these operations counts."""
        return any(
            entry["provider"] == provider and entry["operation"] in operations for entry, _ in self._counting
        )

    def open(self, provider: str, fields: Iterable[str]) -> frozenset[str]:
        """Return the fields that the provider could still fill: no source that precedes it has a value."""
        before = _not_after(self.configuration.waterfall, provider)
        return frozenset(
            field
            for field in fields
            if field in before and before[field].isdisjoint(self._holders.get(field, ()))
        )

    def missing(self, provider: str, fields: Iterable[str]) -> frozenset[str]:
        """Return those of the open fields that no source has."""
        return frozenset(field for field in self.open(provider, fields) if not self._holders.get(field))

    def wanted(self, name: str, provider: Provider) -> frozenset[str]:
        """Return the fields that any operation of the provider could still fill."""
        return self.open(name, _given(provider))  # type: ignore[arg-type]  # hashable by identity

    def inputs(self, route: Route) -> list[str]:
        """Return the values that a route can be taken with, the best first."""
        if route.input in (TEXT, NAMES):
            names = (self.track.artist, self.track.title)
            return ["\n".join(names)] if all(names) else []
        if route.input == URL:
            return [form.format(self._ids[name]) for name, form in ADDRESSES.items() if name in self._ids]
        own = [self._ids[route.input]] if route.input in self._ids else []
        return list(dict.fromkeys([*own, *self._references(route.input)]))

    def _references(self, name: str) -> Sequence[str]:
        """Return the ids that a search without names has listed."""
        return [
            value
            for entry in self.by_call.values()
            if entry["scope"] == REFERENCE and entry["status"] in WITH_VALUES
            for value in entry["ids"].get(name, "").split(",")
            if value
        ][:MAX_REFERENCES]

    def lookup(self, route: Route, value: str) -> str:
        """Return the kind of look-up for the record of the attempt."""
        if route.input in (TEXT, NAMES):
            return "search"
        if route.input == "isrc":
            return "isrc"
        ids = ADDRESSES if route.input == URL else {route.input: "{}"}
        pages = [form.format(self._page_ids[name]) for name, form in ids.items() if name in self._page_ids]
        return "page_id" if value in pages else "provider_id"


@lru_cache(maxsize=256)
def _not_after(waterfall: Config, provider: str) -> Mapping[str, frozenset[str]]:
    """Return per field of a provider the sources that precede it, itself included."""
    orders = {field: list(weights) for field, weights in waterfall.fields.items() if provider in weights}
    return {field: frozenset(order[: order.index(provider) + 1]) for field, order in orders.items()}


@lru_cache(maxsize=64)
def _given(provider: Provider) -> frozenset[str]:
    """Return the fields that the operations of a provider give."""
    return frozenset(field for operation in provider.operations.values() for field in operation.gives)


@lru_cache(maxsize=1 << 12)
def _normal_id(name: str, value: str) -> str | None:
    if name in ("spotify_id", "isrc", "musicbrainz_id", "beatport_id"):
        normal = read_value(name, value)
        return None if normal is None else str(normal)
    return value or None
