"""The documents of the local TIDAL keep to the slice of TIDAL's own API description in the YAML file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from demo.providers import Holdings, Providers
from songnodes import yaml_text
from tests.unit.demo.providers.requests import document, send, tidal_token

CONTRACT = yaml_text.load(Path(__file__).with_name("tidal_contract.yaml").read_text("utf-8"))
DURATION = re.compile(r"^PT(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?$")
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "bpm": (int, float),
    "popularity": (int, float),
    "explicit": bool,
    "isrc": str,
    "mediaTags": list,
}


def members(name: str, value: Mapping[str, Any], rules: Sequence[str]) -> Iterator[str]:
    """Yield members that are missing or not in the description."""
    required = {rule.removesuffix("!") for rule in rules if rule.endswith("!")}
    yield from (f"{name}: {member} is missing" for member in required - value.keys())
    allowed = {rule.removesuffix("!") for rule in rules}
    yield from (f"{name}: {member} is unknown" for member in value.keys() - allowed)


def violations(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield all violations of a document."""
    yield from members("document", answer, CONTRACT["document"])
    data = answer["data"] if isinstance(answer["data"], list) else [answer["data"]]
    for resource in [*data, *answer.get("included", ())]:
        kind = resource["type"]
        yield from members(kind, resource, CONTRACT["resource"])
        attributes = resource.get("attributes", {})
        yield from members(kind, attributes, CONTRACT["attributes"][kind])
        for name, value in attributes.items():
            allowed = CONTRACT["enumerations"].get(name)
            if allowed and value not in allowed:
                yield f"{kind}.{name}: {value}"
            if name in TYPES and not isinstance(value, TYPES[name]):
                yield f"{kind}.{name}: {type(value)}"
            if name == "duration" and not DURATION.match(value):
                yield f"{kind}.duration: {value}"
        for name, relationship in resource.get("relationships", {}).items():
            if name not in CONTRACT["relationships"][kind]:
                yield f"{kind}: relationship {name} is unknown"
            yield from members(name, relationship, CONTRACT["relationship"])
            for identifier in relationship.get("data", ()):
                yield from members(name, identifier, CONTRACT["identifier"])


def test_tracks_keep_to_the_description(providers: Providers, holdings: Holdings) -> None:
    token = tidal_token(providers)
    isrcs = list(holdings.by("tidal", "isrc"))
    for start in range(0, 400, 20):
        query = f"filter[isrc]={','.join(isrcs[start : start + 20])}&include=albums,artists,genres,providers"
        answer = document(send(providers, "tidal", f"/v2/tracks?countryCode=US&{query}", token=token))
        assert answer["data"]
        assert list(violations(answer)) == []


def test_a_track_and_a_search_keep_to_the_description(providers: Providers, holdings: Holdings) -> None:
    token = tidal_token(providers)
    recording = holdings.listed("tidal")[0].recording
    track = document(
        send(providers, "tidal", f"/v2/tracks/{recording.tidal_id}?include=artists", token=token)
    )
    assert list(violations(track)) == []
    url = f"/v2/searchResults?filter[query]={recording.title}&include=tracks,tracks.artists"
    search = document(send(providers, "tidal", url.replace(" ", "+"), token=token))
    assert {entry["type"] for entry in search["included"]} == {"tracks", "artists"}
    assert list(violations(search)) == []


def test_related_resources_are_included(providers: Providers, holdings: Holdings) -> None:
    recording = holdings.listed("tidal")[0].recording
    url = f"/v2/tracks/{recording.tidal_id}?include=artists,albums,providers"
    answer = document(send(providers, "tidal", url, token=tidal_token(providers)))
    included = {(entry["type"], entry["id"]) for entry in answer["included"]}
    related = {
        (identifier["type"], identifier["id"])
        for relationship in answer["data"]["relationships"].values()
        for identifier in relationship.get("data", ())
    }
    assert included == related


def test_errors_keep_to_the_description(providers: Providers) -> None:
    answer = document(send(providers, "tidal", "/v2/tracks?filter[isrc]=QZXXX0000000"))
    assert answer["errors"]
    for error in answer["errors"]:
        assert list(members("error", error, CONTRACT["error"])) == []


@pytest.mark.parametrize(
    "attributes", [{"title": "A"}, {"genreName": "House", "new": 1}, {"key": "Cis"}], ids=str
)
def test_a_violation_is_noticed(attributes: dict[str, Any]) -> None:
    resource = {"id": "1", "type": "tracks", "attributes": attributes}
    assert list(violations({"data": [resource], "links": {}}))
