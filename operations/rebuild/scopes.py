"""Stages of which a rebuild builds the next version, and their topics."""

from collections.abc import Mapping
from dataclasses import dataclass

from operations.rebuild import gold, silver

PARSE = "parse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The stage that a rebuild is named after, with those that must be built again with it.

    `outputs` have a table each. Records of the topics `copied` come from other processes, which continue
    until the swap; `writers` are the names of these processes.
    """

    stage: str
    raised: tuple[str, ...]
    outputs: tuple[str, ...]
    copied: tuple[str, ...]
    writers: tuple[str, ...]

    def with_parse(self) -> tuple[str, ...]:
        """Return the stages of a rebuild from pages."""
        return (PARSE, *self.raised)


GOLD = Scope(
    stage=gold.STAGE,
    raised=(gold.STAGE,),
    outputs=gold.OUTPUTS,
    copied=(gold.COPIED,),
    writers=("refresh",),
)
SILVER = Scope(
    stage=silver.STAGE,
    raised=(silver.STAGE, gold.STAGE),
    outputs=(*silver.OUTPUTS, *gold.OUTPUTS),
    copied=(silver.RESOLUTIONS, silver.REDIRECTS, gold.COPIED),
    writers=("refresh", silver.RESOLVER),
)
SCOPES: Mapping[str, Scope] = {scope.stage: scope for scope in (GOLD, SILVER)}
