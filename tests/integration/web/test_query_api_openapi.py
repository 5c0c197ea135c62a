"""Bodies of the query API have the form that its OpenAPI description declares."""

from typing import Any

import httpx2
import pytest
import schemathesis


@pytest.fixture(scope="module")
def description(address: str) -> Any:
    return schemathesis.openapi.from_url(f"{address}/openapi.json")


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("/api/v1/tracks/{track_id}", "tracks/deadmau5-strobe"),
        *(
            (f"/api/v1/tracks/{{track_id}}/{part}", f"tracks/deadmau5-strobe/{part}")
            for part in ("next", "harmonic", "supporters", "lineage", "transitions")
        ),
        *((f"/api/v1/{name}", name) for name in ("top", "trending", "genres", "unreleased", "coverage")),
        ("/api/v1/search", "search?q=strobe"),
        ("/api/v1/health", "health"),
        ("/api/v1/artists/{artist_id}", "artists/petetong"),
        ("/api/v1/djs/{artist_id}", "djs/petetong"),
        ("/api/v1/sets/{playlist_id}", "sets/mixesdb:1"),
        ("/api/v1/sets/{playlist_id}/rows", "sets/mixesdb:1/rows"),
    ],
)
def test_bodies_with_data_have_the_declared_form(
    description: Any, client: httpx2.Client, operation: str, path: str
) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    description[operation]["GET"].validate_response(answer)
