"""MusicBrainz web service 2, in JSON: recordings by ISRC, id, search; urls; releases."""

import re
from typing import Any

from demo.providers import draws, people
from demo.providers.exchange import HTML, ApiRequest, Reply, Routed, reply
from demo.providers.faults import FaultKind
from demo.providers.holdings import Holding, Holdings
from demo.providers.people import Artist

PATH = re.compile(r"^/ws/2/(isrc|recording|release|url|artist)(?:/([^/]+))?/?$")
LUCENE_FIELD = re.compile(r"\b[a-z]+:|\bAND\b|\bOR\b|[\"()]|\\")
UUID = re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
MAX_RESOURCES = 100
DATE_LENGTHS = (4, 7)  # characters of a year, of a month
GENRES = {"Melodic House/Techno": "melodic house", "Drum & Bass": "drum and bass"}
ISRC_INCLUDES = frozenset(
    {"artists", "releases", "isrcs", "artist-credits", "aliases", "tags", "ratings", "annotation"}
)
CREATED = "2026-11-29T12:00:00.000Z"
LIMIT_TEXT = "Your requests are exceeding the allowable rate limit."


class MusicBrainz:
    """The API. The id of a merged recording is redirected to the one that it was merged into."""

    def __init__(self, holdings: Holdings) -> None:
        self._index = holdings.indexes["musicbrainz"]
        self._by_isrc = holdings.by("musicbrainz", "isrc")
        self._by_mbid = dict(holdings.by("musicbrainz", "mbid"))
        self._people = holdings.artists
        self._artists = people.by_id(self._people, lambda name: draws.uuid("artist", name))
        self._merged = {person.old_mbid: person.mbid for person in self._people.values() if person.old_mbid}
        self._namesakes = {
            person.namesake_mbid: person for person in self._people.values() if person.namesake_mbid
        }
        self._by_release: dict[str, list[Holding]] = {}
        self._by_link: dict[str, list[Holding]] = {}
        for holding in holdings.listed("musicbrainz"):
            recording = holding.recording
            self._by_release[release_mbid(holding)] = [holding]
            if "merged_mbid" in holding.traps and recording.kind == "played":
                self._by_mbid[holdings.old_mbid(recording)] = [holding]
            for link in _links(holding):
                self._by_link[link] = [holding]

    def __call__(self, request: ApiRequest) -> Routed | None:
        """Return the reply to a request."""
        match = PATH.match(request.path)
        if match is None:
            return None
        entity, entity_id = match[1], match[2]
        if not _names_contact(request.headers.get("user-agent", "")):
            return Routed(operation=entity, account="", reply=reply({"error": "Forbidden"}, 403))
        if request.first("fmt", "xml") != "json" and "json" not in request.headers.get("accept", ""):
            return Routed(operation=entity, account="", reply=Reply(body=b"<metadata/>", content_type=HTML))
        includes = frozenset(" ".join(request.query.get("inc", ())).replace("+", " ").split())
        answer = self._answer(entity, entity_id, request, includes)
        operation = f"{entity}_search" if entity in ("recording", "artist") and not entity_id else entity
        return Routed(operation=operation, account="", reply=answer)

    def fault(self, kind: FaultKind, retry_after_s: int | None) -> Reply | None:
        """Return 503 in place of 429."""
        if kind not in ("limited", "limited_until", "quota"):
            return None
        waits = {} if kind == "limited" or retry_after_s is None else {"Retry_After": str(retry_after_s)}
        return reply({"error": LIMIT_TEXT}, 503, **waits)

    def _answer(
        self, entity: str, entity_id: str | None, request: ApiRequest, includes: frozenset[str]
    ) -> Reply:
        if entity == "url":
            return self._urls(request.query.get("resource", ())[:MAX_RESOURCES], includes)
        if entity == "recording" and entity_id is None:
            return self._search(request)
        if entity == "artist":
            return self._artist(entity_id, request)
        if entity == "isrc":
            refused = sorted(include for include in includes - ISRC_INCLUDES if not include.endswith("-rels"))
            if refused:
                return reply(
                    {"error": f"{refused[0]} is not a valid inc parameter for the isrc resource."}, 400
                )
            holdings = self._by_isrc.get(entity_id or "", [])
            document = {
                "isrc": entity_id,
                "recordings": [_recording(holding, includes) for holding in holdings],
            }
            return reply(document) if holdings else _not_found()
        if not UUID.match(entity_id or ""):
            return reply({"error": "Invalid mbid."}, 400)
        by_id = self._by_mbid if entity == "recording" else self._by_release
        holdings = by_id.get(entity_id or "", [])
        if not holdings:
            return _not_found()
        current = holdings[0].recording.mbid
        if entity == "recording" and entity_id != current:
            return Reply(status=301, headers={"Location": f"/ws/2/recording/{current}"})
        return reply(
            _recording(holdings[0], includes) if entity == "recording" else _release(holdings[0], True)
        )

    def _search(self, request: ApiRequest) -> Reply:
        query = request.first("query")
        isrc = re.search(r"\bisrc:\"?([A-Z0-9]{12})", query)
        if isrc:
            holdings = self._by_isrc.get(isrc[1], [])
        else:
            holdings = self._index.search(LUCENE_FIELD.sub(" ", query), int(request.first("limit", "25")))
        recordings = [_search_row(holding, 100 - 3 * place) for place, holding in enumerate(holdings)]
        document = {"created": CREATED, "count": len(recordings), "offset": 0}
        return reply({**document, "recordings": recordings})

    def _artist(self, entity_id: str | None, request: ApiRequest) -> Reply:
        if entity_id is None:
            name = LUCENE_FIELD.sub(" ", request.first("query"))
            matches = [
                {"score": 100 - place, **_artist(artist)}
                for place, artist in enumerate(people.named(self._people, name)[:25])
            ]
            return reply({"created": CREATED, "count": len(matches), "offset": 0, "artists": matches})
        if entity_id in self._merged:
            return Reply(status=301, headers={"Location": f"/ws/2/artist/{self._merged[entity_id]}"})
        if entity_id in self._namesakes:
            return reply(_namesake(self._namesakes[entity_id]))
        artist = self._artists.get(entity_id)
        return reply(_artist(artist)) if artist else _not_found()

    def _urls(self, resources: tuple[str, ...], includes: frozenset[str]) -> Reply:
        urls = [_url(link, self._by_link[link][0], includes) for link in resources if link in self._by_link]
        if len(resources) == 1:
            return reply(urls[0]) if urls else _not_found()
        urls.sort(key=lambda url: str(url["id"]))
        return reply({"url-count": len(urls), "url-offset": 0, "urls": urls})


def release_mbid(holding: Holding) -> str:
    """Return the MBID of the release of a recording."""
    return draws.uuid("release", holding.recording.mbid)


def _names_contact(agent: str) -> bool:
    """Return True for a User-Agent with an address in brackets; others are blocked."""
    return bool(re.search(r"\(.*(@|https?:).*\)", agent))


def _not_found() -> Reply:
    text = "For usage, please see: https://musicbrainz.org/development/mmd"
    return reply({"error": "Not Found", "help": text}, 404)


def _links(holding: Holding) -> list[str]:
    recording = holding.recording
    return [
        f"https://open.spotify.com/track/{recording.spotify_id}",
        f"https://www.deezer.com/track/{recording.deezer_id}",
        f"https://www.beatport.com/track/{_slug(recording.title)}/{recording.beatport_id}",
    ]


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-") or "track"


def _date(holding: Holding) -> str:
    day = holding.recording.release_date.isoformat()
    if "partial_date" not in holding.traps:
        return day
    return day[: draws.choice(DATE_LENGTHS, "precision", holding.recording.mbid)]


def _credit(holding: Holding) -> list[dict[str, Any]]:
    recording = holding.recording
    names = [*recording.artists, *((recording.featured,) if recording.featured else ())]
    joins = [" & "] * (len(recording.artists) - 1) + ([" feat. "] if recording.featured else [])
    return [
        {
            "name": name,
            "joinphrase": join,
            "artist": {
                "id": people.credited_mbid(name, recording),
                "name": name,
                "sort-name": name,
                "disambiguation": "",
                "country": None,
            },
        }
        for name, join in zip(names, [*joins, ""], strict=True)
    ]


def _artist(artist: Artist) -> dict[str, Any]:
    genre_names = [GENRES.get(genre, genre.casefold()) for genre in artist.genres[:3]]
    return {
        "id": artist.mbid,
        "name": artist.name,
        "sort-name": artist.name,
        "type": "Group" if artist.is_group else "Person",
        "country": artist.country,
        "area": None if artist.country is None else _area(artist.country),
        "disambiguation": "",
        "aliases": [
            {"name": alias, "sort-name": alias, "type": "Artist name", "locale": None, "primary": None}
            for alias in artist.aliases
        ],
        "life-span": {"begin": artist.begin, "end": None, "ended": False},
        "genres": [{"id": draws.uuid("genre", name), "name": name, "count": 2} for name in genre_names],
        "relations": [
            {
                "type": "official homepage",
                "target-type": "url",
                "direction": "forward",
                "ended": False,
                "url": {"id": draws.uuid("home", artist.name), "resource": homepage(artist.name)},
            },
            *(
                {
                    "type": "discogs",
                    "target-type": "url",
                    "direction": "forward",
                    "ended": False,
                    "url": {
                        "id": draws.uuid("discogs", artist.name),
                        "resource": f"https://www.discogs.com/artist/{artist.discogs_id}",
                    },
                }
                for _ in range(draws.share("discogs link", artist.name) < 0.7)
            ),
            *(
                {
                    "type": "member of band",
                    "target-type": "artist",
                    "direction": "forward",
                    "ended": False,
                    "artist": {"id": draws.uuid("group", group), "name": group, "sort-name": group},
                }
                for group in artist.groups
            ),
        ],
    }


def _area(country: str) -> dict[str, Any]:
    name = "[Worldwide]" if country == people.WORLDWIDE else people.COUNTRIES[country]
    return {"id": draws.uuid("area", country), "name": name, "iso-3166-1-codes": [country]}


def _namesake(artist: Artist) -> dict[str, Any]:
    """Return another artist of the same name."""
    country = "BR"
    return {
        **_artist(artist),
        "id": artist.namesake_mbid,
        "country": country,
        "area": {"id": draws.uuid("area", country), "name": "Brazil", "iso-3166-1-codes": [country]},
        "disambiguation": "another one",
        "aliases": [],
        "genres": [],
        "relations": [],
    }


def homepage(name: str) -> str:
    """Return the address of an artist's page."""
    return f"https://{draws.text(8, 'home', name).lower()}.example/"


def genres(holding: Holding) -> list[dict[str, Any]]:
    """Return the genres of a recording as MusicBrainz lists them."""
    if not holding.genres:
        return []
    genre = GENRES.get(holding.recording.genre, holding.recording.genre.casefold())
    return [
        {"id": draws.uuid("genre", name), "name": name, "count": count, "disambiguation": ""}
        for name, count in ((genre, 3), ("electronic", 1))
    ]


def _recording(holding: Holding, includes: frozenset[str]) -> dict[str, Any]:
    recording = holding.recording
    title = recording.full_title.replace("'", "’")
    document: dict[str, Any] = {
        "id": recording.mbid,
        "title": title,
        "length": recording.duration_ms,
        "first-release-date": _date(holding),
        "disambiguation": "",
        "video": False,
    }
    if includes & {"artist-credits", "artists"}:
        document["artist-credit"] = _credit(holding)
    if "isrcs" in includes:
        document["isrcs"] = [holding.isrc] if holding.isrc else []
    if "genres" in includes:
        document["genres"] = genres(holding)
    if "tags" in includes:
        document["tags"] = [
            *({"name": genre["name"], "count": genre["count"]} for genre in genres(holding)),
            {"name": "played by djs", "count": 1},
        ]
    if "releases" in includes:
        document["releases"] = [_release(holding, False)]
    if "url-rels" in includes:
        document["relations"] = [_relation(link) for link in _links(holding)]
    return document


def _relation(link: str) -> dict[str, Any]:
    return {
        "type": "free streaming",
        "type-id": "7e41ef12-a124-4324-afdb-fdbae687a89c",
        "target-type": "url",
        "direction": "forward",
        "attributes": [],
        "begin": None,
        "end": None,
        "ended": False,
        "url": {"id": draws.uuid("url", link), "resource": link},
    }


def _release(holding: Holding, full: bool) -> dict[str, Any]:
    recording = holding.recording
    mixed = recording.kind == "mixed"
    release: dict[str, Any] = {
        "id": release_mbid(holding),
        "title": recording.release_name,
        "status": "Official",
        "date": _date(holding),
        "country": "XW",
        "disambiguation": "",
        "release-group": {
            "id": draws.uuid("release group", recording.mbid),
            "title": recording.release_name,
            "primary-type": "Album" if mixed else "Single",
            "secondary-types": ["Compilation", "DJ-mix"] if mixed else [],
            "first-release-date": _date(holding),
        },
    }
    if full:
        label = {"id": draws.uuid("label", holding.label), "name": holding.label, "sort-name": holding.label}
        release["label-info"] = [
            {
                "catalog-number": recording.catalog_number if holding.label else "[None]",
                "label": label if holding.label else None,
            }
        ]
        release["artist-credit"] = _credit(holding)
        track = {
            "id": draws.uuid("track", recording.mbid),
            "position": 1,
            "number": "1",
            "title": recording.full_title,
            "length": recording.duration_ms,
            "recording": _recording(holding, frozenset({"artist-credits", "isrcs"})),
        }
        medium = {"position": 1, "format": "Digital Media", "title": "", "track-count": 1, "track-offset": 0}
        release["media"] = [{**medium, "tracks": [track]}]
    return release


def _search_row(holding: Holding, score: int) -> dict[str, Any]:
    includes = frozenset({"artist-credits", "releases"})
    row = {"score": max(score, 1), **_recording(holding, includes), "video": None}
    if holding.isrc:
        row["isrcs"] = [holding.isrc]
    row["releases"] = [
        {**release, "track-count": 1, "media": [{"position": 1, "format": "Digital Media", "track-count": 1}]}
        for release in row["releases"]
    ]
    return row


def _url(link: str, holding: Holding, includes: frozenset[str]) -> dict[str, Any]:
    url: dict[str, Any] = {"id": draws.uuid("url", link), "resource": link}
    if "recording-rels" in includes:
        relation = {**_relation(link), "target-type": "recording", "direction": "backward"}
        del relation["url"]
        url["relations"] = [{**relation, "recording": _recording(holding, frozenset({"artist-credits"}))}]
    return url
