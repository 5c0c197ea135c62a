"""The plan of an artist: which profiles to look up next, and why others are not. Pure.

A profile is looked up by an id: of a credit in a matched track, of a page about the artist, or of a profile
that counts. A name leads to no call, since artists share names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from enrichment.plan.follow_ups import Histories, LaterCalls, waiting
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
    """The archive of an artist: histories of calls, and the ids by site that lead to profiles."""

    def __init__(self, artist: ArtistQuestion, archive: Sequence[ArchivedAnswer]) -> None:
        by_call = answers.of_entries(archive)
        self.histories = Histories(archive, by_call)
        self.ids = {site: text.split(",")[:MAX_IDS] for site, text in artist.ids.items()}
        for entry in sorted(by_call.values(), key=lambda entry: entry["call"]):
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
    closure = budgets.closed.get(name) or budgets.closed.get(f"{name}.{route.operation}")
    later, reason = LaterCalls(configuration.now), f"no source has its {route.site} id"
    for identity in facts.ids.get(route.site, ()):
        call = Call(provider=name, operation=route.operation, parameters={route.parameter: identity})
        history = facts.histories.of(call.key)
        wait = waiting(
            history, configuration.now, rechecks=configuration.rechecks, renewed_after=RENEWED_AFTER
        )
        if wait is not None:
            reason = wait.reason
            later.note(wait, closure)
            continue
        if closure is not None:
            return later.closed(name, closure, again=history.is_answered)
        return PlannedCall(call=call, lookup="artist", again=history.is_answered)
    return later.skipped(name, reason)
