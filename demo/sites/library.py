"""Content of the sites: playlists by id, DJ and day, and the listed events."""

from demo.markup import slug
from demo.sets import DemoSet
from demo.tracks import DemoTrack
from demo.world import site_playlists
from demo.world.site_playlists import Site, SitePlaylist
from demo.world.truth import TrueEvent
from demo.world.world import World


class Library:
    """All playlists and events of a world, in memory: not for the large size."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._playlists: dict[Site, dict[str, SitePlaylist]] = {site: {} for site in site_playlists.SITES}
        for site_playlist in site_playlists.of_world(world):
            self._playlists[site_playlist.site][site_playlist.native_id] = site_playlist
        self._media: dict[int, DemoTrack] = {track.media_id: track for track in world.catalogue.tracks}
        self.events: dict[str, TrueEvent] = {event.native_id: event for event in world.events()}

    @property
    def playlists(self) -> list[SitePlaylist]:
        """Return the playlists of all sites."""
        return [site_playlist for by_id in self._playlists.values() for site_playlist in by_id.values()]

    def playlist(self, site: Site, native_id: str) -> SitePlaylist | None:
        """Return a set by its id."""
        return self._playlists[site].get(native_id)

    def shown(self, site: Site, edition: int) -> list[DemoSet]:
        """All sets of a site as they are in an edition, the newest first."""
        versions = [site_playlist.at(edition) for site_playlist in self._playlists[site].values()]
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
