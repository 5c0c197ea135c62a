"""ListenBrainz: metadata of up to 1,000 MBIDs, lookup of up to 50 names."""

from typing import Any

from demo.providers import draws, people
from demo.providers.exchange import ApiRequest, Reply, Routed, reply
from demo.providers.faults import FaultKind
from demo.providers.holdings import Holding, Holdings
from demo.providers.musicbrainz import genres, homepage, release_mbid

MAX_MBIDS = 1_000
MAX_LOOKUPS = 50
TOKEN = "demo-listenbrainz-token"  # noqa: S105
RECORDING = "/1/metadata/recording/"
LOOKUP = "/1/metadata/lookup/"
ARTIST = "/1/metadata/artist/"
LABS = "/spotify-id-from-mbid/json"  # of another host, which has no token
OPERATIONS = {RECORDING: "metadata", LOOKUP: "lookup", ARTIST: "artist"}


class ListenBrainz:
    """The API. The lookup cuts titles at brackets, and may name an id that was merged since."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._index = holdings.indexes["listenbrainz"]
        self._by_mbid = holdings.by("listenbrainz", "mbid")
        self._artists = people.by_id(holdings.artists, lambda name: draws.uuid("artist", name))

    def __call__(self, request: ApiRequest) -> Routed | None:
        """Return the reply to a request."""
        if request.path == LABS:
            return Routed(operation="spotify_ids", account="", reply=self._spotify_ids(request))
        path = request.path.rstrip("/") + "/"
        operation = OPERATIONS.get(path)
        if operation is None:
            return None
        token = request.headers.get("authorization", "").removeprefix("Token ").strip()
        if token != TOKEN:
            text = "You need to provide an Authorization token."
            return Routed(operation=operation, account="", reply=_problem(401, text))
        answer = {RECORDING: self._metadata, LOOKUP: self._lookup, ARTIST: self._artist}[path](request)
        return Routed(operation=operation, account=token, reply=answer)

    def fault(self, kind: FaultKind, retry_after_s: int | None) -> Reply | None:
        """Return 429 with the header that this API has in place of Retry-After."""
        if kind not in ("limited", "limited_until"):
            return None
        headers = {"X_RateLimit_Limit": "30", "X_RateLimit_Remaining": "0"}
        waits = {} if kind == "limited" else {"X_RateLimit_Reset_In": str(retry_after_s or 1)}
        return reply({"code": 429, "error": "Too many requests"}, 429, **headers, **waits)

    def _metadata(self, request: ApiRequest) -> Reply:
        if request.method == "POST":
            body = request.json()
            if not isinstance(body, dict) or not isinstance(body.get("recording_mbids"), list):
                return _problem(400, "recording_mbids must be present and a list of recording_mbids")
            mbids, includes = [str(mbid) for mbid in body["recording_mbids"]], str(body.get("inc", ""))
        else:
            mbids, includes = request.items("recording_mbids"), request.first("inc")
        if len(mbids) > MAX_MBIDS:
            return _problem(400, f"Number of recording_mbids exceeds the maximum ({MAX_MBIDS})")
        unknown = set(includes.split()) - {"artist", "tag", "release"}
        if unknown:
            return _problem(400, f"invalid inc argument '{sorted(unknown)[0]}'.")
        holdings = [self._by_mbid[mbid][0] for mbid in mbids if mbid in self._by_mbid]
        holdings.sort(key=lambda holding: holding.recording.mbid)
        parts = {"recording", *includes.split()}
        return reply({holding.recording.mbid: _metadata(holding, parts) for holding in holdings})

    def _lookup(self, request: ApiRequest) -> Reply:
        if request.method == "GET":
            wanted = {name: request.first(name) for name in ("artist_name", "recording_name")}
            if not all(wanted.values()):
                return _problem(400, "artist_name is invalid or not present in arguments")
            return reply(self._match(wanted))
        body = request.json()
        rows = body.get("recordings") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_LOOKUPS:
            return _problem(
                400, f"Number of recordings in request body exceeds maximum permitted. ({MAX_LOOKUPS})"
            )
        return reply([self._bulk_row(index, row) for index, row in enumerate(rows)])

    def _artist(self, request: ApiRequest) -> Reply:
        matches = {mbid: self._artists.get(mbid) for mbid in request.items("artist_mbids")}
        return reply([_artist(artist.name) for artist in matches.values() if artist])

    def _spotify_ids(self, request: ApiRequest) -> Reply:
        """Return Spotify ids by MBID; a recording without one has an empty list."""
        body = request.json()
        rows = [row for row in body if isinstance(row, dict)] if isinstance(body, list) else []
        answers = []
        for row in rows:
            mbid = str(row.get("recording_mbid"))
            recording = self._by_mbid[mbid][0].recording if mbid in self._by_mbid else None
            played = recording is not None and recording.kind == "played"
            answers.append(
                {
                    "recording_mbid": mbid,
                    "artist_name": recording.credit if recording else None,
                    "track_name": recording.full_title if recording else None,
                    "release_name": recording.release_name if recording else None,
                    "spotify_track_ids": [recording.spotify_id] if recording and played else [],
                }
            )
        return reply(answers)

    def _bulk_row(self, index: int, row: dict[str, str]) -> dict[str, Any]:
        arguments = {
            f"{name}_name_arg": row.get(f"{name}_name") for name in ("artist", "recording", "release")
        }
        return {**arguments, "index": index, **self._match(row)}

    def _match(self, wanted: dict[str, str]) -> dict[str, Any]:
        title = wanted["recording_name"].partition("(")[0] or wanted["recording_name"]
        holdings = self._index.search(f"{wanted['artist_name']} {title}", 5)
        if not holdings:
            return {}
        recording = holdings[0].recording
        merged = "merged_mbid" in holdings[0].traps and recording.kind == "played"
        names = [*recording.artists, *((recording.featured,) if recording.featured else ())]
        return {
            "recording_mbid": self._holdings.old_mbid(recording) if merged else recording.mbid,
            "release_mbid": release_mbid(holdings[0]),
            "artist_mbids": [people.credited_mbid(name, recording) for name in names],
            "recording_name": recording.full_title,
            "release_name": recording.release_name,
            "artist_credit_name": recording.credit,
        }


def _problem(status: int, text: str) -> Reply:
    return reply({"code": status, "error": text}, status)


def _artist(name: str, mbid: str | None = None) -> dict[str, Any]:
    return {
        "artist_mbid": mbid or draws.uuid("artist", name),
        "name": name,
        "join_phrase": "",
        "rels": {"official homepage": homepage(name)},
        "type": "Person",
    }


def _metadata(holding: Holding, parts: set[str]) -> dict[str, Any]:
    recording = holding.recording
    tags = [
        {"tag": genre["name"], "count": genre["count"], "genre_mbid": genre["id"]}
        for genre in genres(holding)
    ]
    document: dict[str, Any] = {
        "recording": {"name": recording.full_title, "length": recording.duration_ms, "rels": []},
        "artist": {
            "artist_credit_id": recording.rank + 1,
            "name": recording.credit,
            "artists": [_artist(name, people.credited_mbid(name, recording)) for name in recording.artists],
        },
        "release": {
            "mbid": release_mbid(holding),
            "name": recording.release_name,
            "album_artist_name": recording.credit,
            "release_group_mbid": draws.uuid("release group", recording.mbid),
            "year": recording.release_date.year,
            "caa_id": None,
            "caa_release_mbid": None,
        },
        "tag": {
            "recording": [*tags, {"tag": "played by djs", "count": 1}],
            "artist": [
                {"tag": "electronic", "count": 4, "artist_mbid": draws.uuid("artist", recording.artists[0])}
            ],
            "release_group": [],
        },
    }
    return {part: document[part] for part in sorted(parts)}
