"""Content of the sites: tellings by id, DJ and day, and the listed events."""

from demo.markup import slug
from demo.sets import DemoSet
from demo.tracks import DemoTrack
from demo.world import tellings
from demo.world.tellings import Site, Telling
from demo.world.truth import Happening
from demo.world.world import World


class Library:
    """All of a world that fits into memory: not for the large size."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._tellings: dict[Site, dict[str, Telling]] = {site: {} for site in tellings.SITES}
        for telling in tellings.all_of(world):
            self._tellings[telling.site][telling.native_id] = telling
        self._media: dict[int, DemoTrack] = {track.media_id: track for track in world.catalogue.tracks}
        self.happenings: dict[str, Happening] = {
            happening.native_id: happening for happening in world.happenings()
        }

    @property
    def tellings(self) -> list[Telling]:
        """Of all sites."""
        return [telling for shelf in self._tellings.values() for telling in shelf.values()]

    def telling(self, site: Site, native_id: str) -> Telling | None:
        """Return a set by its id."""
        return self._tellings[site].get(native_id)

    def shown(self, site: Site, edition: int) -> list[DemoSet]:
        """All sets of a site as they are in an edition, the newest first."""
        versions = [telling.at(edition) for telling in self._tellings[site].values()]
        return sorted(versions, key=lambda shown: (-shown.day.toordinal(), shown.native_id))

    def by_words(self, site: Site, words: str, edition: int) -> list[DemoSet]:
        """Return the sets whose title has all these words."""
        wanted = words.casefold().split()
        return [
            shown
            for shown in self.shown(site, edition)
            if all(word in shown.title.casefold() for word in wanted)
        ]

    def media(self, item: int) -> DemoTrack | None:
        """Return the track with this numeric id."""
        return self._media.get(item)


def dj_slug(name: str) -> str:
    """Return a DJ's name in addresses of 1001tracklists."""
    return slug(name).replace("-", "")
