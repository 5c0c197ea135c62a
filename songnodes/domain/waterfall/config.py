"""The configuration of the waterfall: order, weights and minima, as written by the operator."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from songnodes import yaml_text

_VERSION_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider. `origin` is the source of its data; providers of one origin count as one witness."""

    origin: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Config:
    """Field -> provider -> weight (0 to 1), in order of preference; `version` is a hash of all of it.

    `artists` is the order of providers for values of artists, which have no weights. `columns` are all that
    the fields fill, `obtainable` those that an enabled provider supplies. Compared by identity, so that it
    can be an argument of cached functions.
    """

    providers: Mapping[str, Provider]
    fields: Mapping[str, Mapping[str, float]]
    minimum: float
    artists: tuple[str, ...]
    version: str
    columns: frozenset[str]
    obtainable: frozenset[str]

    def enabling(self, names: Collection[str]) -> "Config":
        """Return the configuration with these providers enabled in addition."""
        enabled = {name for name, provider in self.providers.items() if provider.enabled}
        return self.with_enabled(enabled.union(names))

    def with_enabled(self, names: Collection[str]) -> "Config":
        """Return the configuration with exactly these providers enabled, and the page."""
        providers = {
            name: replace(provider, enabled=name in names or name == "page")
            for name, provider in self.providers.items()
        }
        return build_config(providers, self.fields, self.minimum, self.artists)


def parse_config(text: str) -> Config:
    """Parse a configuration from YAML. Raises ValueError that names the place."""
    raw = yaml_text.load(text)
    try:
        providers = {name: Provider(**entry) for name, entry in raw["providers"].items()}
        fields = {
            field: {name: float(weight) for name, weight in weights.items()}
            for field, weights in raw["fields"].items()
        }
        minimum, artists = float(raw["minimum"]), tuple(raw.get("artists", ()))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a waterfall configuration: {error}") from error
    for field, weights in fields.items():
        for name, weight in weights.items():
            if name not in providers:
                raise ValueError(f"{field}: unknown provider {name}")
            if not 0 < weight <= 1:
                raise ValueError(f"{field}.{name}: weight {weight} is not in (0, 1]")
    for name in artists:
        if name not in providers:
            raise ValueError(f"artists: unknown provider {name}")
    return build_config(providers, fields, minimum, artists)


def build_config(
    providers: Mapping[str, Provider],
    fields: Mapping[str, Mapping[str, float]],
    minimum: float,
    artists: tuple[str, ...],
) -> Config:
    decisive: dict[str, Any] = {
        "providers": {name: [entry.origin, entry.enabled] for name, entry in sorted(providers.items())},
        "fields": {field: list(weights.items()) for field, weights in sorted(fields.items())},
        "minimum": minimum,
        "artists": artists,
    }
    digest = hashlib.sha256(json.dumps(decisive, separators=(",", ":")).encode()).hexdigest()
    reachable = {
        field for field, weights in fields.items() if any(providers[name].enabled for name in weights)
    }
    return Config(
        providers=providers,
        fields=fields,
        minimum=minimum,
        artists=artists,
        version=digest[:_VERSION_DIGITS],
        columns=_columns(fields),
        obtainable=_columns(reachable),
    )


def _columns(fields: Iterable[str]) -> frozenset[str]:
    names = frozenset(fields)
    return names | {"key_mode"} if "key" in names else names


DEFAULT = parse_config(resources.files(__package__).joinpath("waterfall.yaml").read_text("utf-8"))
