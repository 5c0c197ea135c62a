"""Values of an artist's profiles, with their sources."""

from queries.artist_commands import profile_values
from tests.support.web_world import artist


def test_each_value_names_its_source_and_only_addresses_of_the_web_are_links() -> None:
    values = dict(profile_values(artist("nora")))
    assert (values["country"], values["genres"]) == ("Sweden (musicbrainz)", "techno (pages)")
    assert values["groups"].endswith("(musicbrainz, discogs)")
    assert [name for name in values if name.startswith("link")] == ["link lastfm"]


def test_an_artist_without_profiles_has_none() -> None:
    empty = dict.fromkeys(artist("nora"))
    assert profile_values({**empty, "name": "Nora"}) == []
