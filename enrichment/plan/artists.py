"""The plan of an artist: which profiles to look up next, and why others are not. Pure.

A profile is looked up by an id: of a credit in a matched track, of a page about the artist, or of a profile
that counts. A name leads to no call, since artists share names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from enrichment.plan.follow_ups import failures_of, opens_at, skip_closed, waiting
from enrichment.plan.types import (
    ArchivedAnswer,
    ArtistQuestion,
    Budgets,
    PlanConfiguration,
    PlannedCall,
    Skipped,
)
from enrichment.providers import ALL
from enrichment.types import Call, Provider
from songnodes.domain import answers
from songnodes.domain.artist_answers import lent

#: A profile is looked up again after this: countries and groups rarely change.
RENEWED_AFTER = timedelta(days=180)
#: Ids of one site that are looked up: those of a conflict may have been merged into one.
MAX_IDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRoute:
    """An operation that describes an artist, and the site whose id is its parameter."""

    operation: str
    site: str
    parameter: str


#: By provider. Deezer and TIDAL describe an artist by name and picture, which silver does not keep.
#: Last.fm takes the MusicBrainz id: its pages by name describe all artists of the name together.
PROFILES: Mapping[str, ProfileRoute] = {
    "musicbrainz": ProfileRoute(operation="artist_by_id", site="musicbrainz", parameter="id"),
    "discogs": ProfileRoute(operation="artist_by_id", site="discogs", parameter="id"),
    "lastfm": ProfileRoute(operation="artist_info", site="musicbrainz", parameter="mbid"),
}


def plan_artist(
    artist: ArtistQuestion,
    archive: Sequence[ArchivedAnswer],
    configuration: PlanConfiguration,
    budgets: Budgets,
    providers: Mapping[str, Provider] = ALL,
) -> tuple[PlannedCall | Skipped, ...]:
    """Return one entry per provider: its next call, or the reason that it has none."""
    facts = _Facts(artist, archive)
    return tuple(
        _next(name, route, facts, configuration, budgets)
        for name, route in PROFILES.items()
        if name in providers
    )


class _Facts:
    """The archive of an artist: answers by call, failures, and the ids by site that lead to profiles."""

    def __init__(self, artist: ArtistQuestion, archive: Sequence[ArchivedAnswer]) -> None:
        self.artist = artist
        self.by_call = answers.of_entries(archive)
        self.failures = failures_of(archive, self.by_call)
        self.ids = {site: text.split(",")[:MAX_IDS] for site, text in artist.ids.items()}
        for entry in sorted(self.by_call.values(), key=lambda entry: entry["call"]):
            for profile in lent(entry):
                for site, identity in profile["ids"].items():
                    self.ids.setdefault(site, [identity])


def _next(
    name: str, route: ProfileRoute, facts: _Facts, configuration: PlanConfiguration, budgets: Budgets
) -> PlannedCall | Skipped:
    if reason := configuration.off.get(name):
        return Skipped(provider=name, status="disabled", reason=reason)
    weights = configuration.waterfall.providers.get(name)
    if weights is None or not weights.enabled:
        return Skipped(provider=name, status="disabled", reason="not enabled in the waterfall configuration")
    reason, retries = f"no source has its {route.site} id", list[datetime]()
    closure = budgets.closed.get(name) or budgets.closed.get(f"{name}.{route.operation}")
    now = configuration.now
    for identity in facts.ids.get(route.site, ()):
        call = Call(provider=name, operation=route.operation, parameters={route.parameter: identity})
        entry, failures = facts.by_call.get(call.key), facts.failures.get(call.key, [])
        if kept := waiting(entry, failures, now, facts.artist.recheck, renewed_after=RENEWED_AFTER):
            reason, retry = kept
            retries += [max(retry, opens_at(closure, now))] if retry else []
            continue
        if closure is not None:
            return skip_closed(name, closure, retries, now)
        return PlannedCall(call=call, lookup="artist")
    return Skipped(provider=name, status="skipped", reason=reason, retry_at=min(retries, default=None))
