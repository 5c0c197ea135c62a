"""Providers of music data, one module each: requests, outcomes and the values of their answers. No I/O."""

from collections.abc import Mapping

from enrichment.types import Provider

#: By name, as in the waterfall configuration.
ALL: Mapping[str, Provider] = {}
