"""The operator's own configuration of the waterfall: a file with all that differs from the packaged one."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import yaml

from songnodes.domain.waterfall.answers import PAGE
from songnodes.domain.waterfall.config import DEFAULT, Config, Provider, build_config


class InvalidWaterfall(ValueError):
    """The configuration of the waterfall is not valid; the text has the line and the allowed names"""

    def __init__(self, node: yaml.Node | None, problem: str, line: int = 0) -> None:
        self.line = line if node is None else node.start_mark.line + 1
        super().__init__(f"line {self.line}: {problem}")


def with_operator_file(text: str, base: Config = DEFAULT) -> Config:
    """Return the configuration with the entries of a file in place of its own.

    The file has any of `minimum`, `providers`, `fields` and `artists`. A field that it names has the sources
    of the file only, in their order. `artists` replaces the packaged order. Which providers are on is decided
    elsewhere: by settings and credentials. Raises InvalidWaterfall.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidWaterfall(None, f"no YAML: {error.problem}", line) from error
    except yaml.YAMLError as error:
        raise InvalidWaterfall(None, f"no YAML: {str(error).splitlines()[0]}", 1) from error
    if root is None:
        raise InvalidWaterfall(None, "the file is empty", 1)
    providers, fields = dict(base.providers), dict(base.fields)
    minimum, artists = base.minimum, base.artists
    for section, node in _entries(root, "the file", ("minimum", "providers", "fields", "artists")):
        if section == "minimum":
            minimum = _number(node, "minimum", lambda value: 0 <= value <= 1, "from 0 to 1")
        elif section == "providers":
            for name, entry in _entries(node, "providers", base.providers):
                providers[name] = _provider(name, entry, base.providers[name])
        elif section == "artists":
            artists = _order(node, [name for name in base.providers if name != PAGE])
        else:
            for name, entry in _entries(node, "fields", base.fields):
                fields[name] = _weights(name, entry, base.providers)
    return build_config(providers, fields, minimum, artists)


def _provider(name: str, node: yaml.Node, base: Provider) -> Provider:
    for member, value in _entries(node, f"providers.{name}", ("origin",)):
        base = replace(base, origin=_text(value, f"providers.{name}.{member}"))
    return base


def _weights(field: str, node: yaml.Node, providers: Iterable[str]) -> Mapping[str, float]:
    place = f"fields.{field}"
    weights = {
        name: _number(entry, f"{place}.{name}", lambda value: 0 < value <= 1, "above 0 and at most 1")
        for name, entry in _entries(node, place, providers)
    }
    if not weights:
        raise InvalidWaterfall(node, f"{place}: no source; allowed: {_listed(providers)}")
    return weights


def _order(node: yaml.Node, allowed: Sequence[str]) -> tuple[str, ...]:
    """Return a list of providers. Raises InvalidWaterfall for another node or name, or a repeated one."""
    if not isinstance(node, yaml.SequenceNode):
        raise InvalidWaterfall(node, f"artists: not a list of names; allowed: {_listed(allowed)}")
    names: list[str] = []
    for entry in node.value:
        name = _text(entry, "artists")
        if name not in allowed:
            raise InvalidWaterfall(entry, f"artists: unknown name {name!r}; allowed: {_listed(allowed)}")
        if name in names:
            raise InvalidWaterfall(entry, f"artists: {name} is there twice")
        names.append(name)
    return tuple(names)


def _entries(node: yaml.Node, place: str, allowed: Iterable[str]) -> Iterator[tuple[str, yaml.Node]]:
    """Yield the members of a mapping. Raises InvalidWaterfall for another node or name, or a repeated one."""
    names = tuple(allowed)
    if not isinstance(node, yaml.MappingNode):
        raise InvalidWaterfall(node, f"{place}: not a mapping of names; allowed: {_listed(names)}")
    earlier: set[str] = set()
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else None
        if name not in names:
            raise InvalidWaterfall(key, f"{place}: unknown name {name!r}; allowed: {_listed(names)}")
        if name in earlier:
            raise InvalidWaterfall(key, f"{place}: {name} is there twice")
        earlier.add(name)
        yield name, value


def _text(node: yaml.Node, place: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise InvalidWaterfall(node, f"{place}: not a value")
    return str(node.value)


def _number(node: yaml.Node, place: str, is_valid: Callable[[float], bool], bounds: str) -> float:
    text = _text(node, place)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not is_valid(value):
        raise InvalidWaterfall(node, f"{place}: {text} is not a number {bounds}")
    return value


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
