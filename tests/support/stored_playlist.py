"""A playlist's state between records, as the silver stage keeps it in its table."""

from copy import deepcopy

from songnodes.domain import playlists
from songnodes.domain.playlists import PlaylistState
from songnodes.domain.records import Playlist, Resolution, Tracklist


class StoredPlaylist:
    """The state of one set; each method replaces it by the one that the domain returns."""

    def __init__(self, state: PlaylistState | None = None) -> None:
        self.state = state or playlists.empty()

    def apply_tracklist(self, tracklist: Tracklist, offset: int) -> bool:
        """Apply a tracklist; return True if the playlist is to be emitted."""
        before = deepcopy(self.state)
        state, emit = playlists.apply_tracklist(self.state, tracklist, offset)
        assert self.state == before, "the domain changed its argument"
        self.state = state
        return emit

    def apply_resolution(self, resolution: Resolution, offset: int) -> bool:
        """Apply a resolution; return True if the playlist is to be emitted."""
        before = deepcopy(self.state)
        state, emit = playlists.apply_resolution(self.state, resolution, offset)
        assert self.state == before, "the domain changed its argument"
        self.state = state
        return emit

    def build(self, pipeline_version: str) -> Playlist | None:
        """Return the playlist of the state, None before there is a tracklist."""
        before = deepcopy(self.state)
        state, playlist = playlists.build_playlist(self.state, pipeline_version)
        assert self.state == before, "the domain changed its argument"
        self.state = state
        return playlist
