"""From API and GraphQL answers to the record of a show."""

from producers.sources import json_values as js
from producers.sources import outputs, setlists, titles
from producers.sources.errors import (
    ApiError,
    MissingPage,
    QueryUnknown,
    RenderedPage,
    UnexpectedShape,
    WrongPage,
)
from producers.sources.mixcloud import addresses, sections
from producers.sources.page import Output
from songnodes.domain.dates import read_date
from songnodes.domain.records import DjRef, Header, Page, Recording

PARSER_VERSION = 6
READER = outputs.Reader(source=addresses.NAME, version=PARSER_VERSION)
CLOUDCAST, SECTIONS = "cloudcast", "sections"
#: The service began in 2008: an earlier time of upload is the zero date of some program.
FIRST_UPLOAD_YEAR = 2008
COUNTERS = ("play_count", "favorite_count", "listener_count", "comment_count", "repost_count")


def is_cloudcast(value: object) -> bool:
    """Return True if a JSON value is a show."""
    fields = js.mapping(value)
    return (
        isinstance(fields.get("url"), str)
        and isinstance(fields.get("key"), str)
        and isinstance(fields.get("user"), dict)
        and "audio_length" in fields
    )


def parse(page: Page) -> list[Output]:
    """Return the record of a show. Its rows are its sections, or the list in its description.

    A show with neither has only a header, for the sections that come with another response.
    """
    if page["body"].lstrip()[:1] == b"<":
        raise RenderedPage(page["page_id"])
    value = js.load(page)
    refuse_errors(value, page["page_id"])
    if not is_cloudcast(value):
        raise UnexpectedShape(page["page_id"], keys=sorted(map(str, js.mapping(value)))[:8])
    own_ref = addresses.by_url(js.text(value["url"]) or "")
    if own_ref is None or own_ref.native_id.casefold() != page["native_id"].casefold():
        raise WrongPage(page["page_id"], says=own_ref.page_id if own_ref else None)
    head, warnings = _header(value)
    rows, list_warnings = sections.rows(sections.of_api(value.get("sections")))
    rows_from = "sections"
    if not rows:
        written = setlists.read_text(
            js.block(value.get("description")) or "", length_s=head["duration_seconds"]
        )
        rows, rows_from = setlists.rows(written.rows), "description"
        list_warnings = [*list_warnings, *written.warnings]
    return [
        outputs.tracklist(
            page,
            READER,
            native_id=own_ref.native_id,
            kind=CLOUDCAST,
            url=own_ref.url,
            header=head,
            rows=rows,
            counters={name: count for name in COUNTERS if (count := js.whole(value.get(name))) is not None},
            warnings=[*warnings, *list_warnings],
            rows_from=rows_from if rows else "page",
        )
    ]


def parse_sections(page: Page) -> list[Output]:
    """Return the rows of a GraphQL response. The header of the show itself comes first, if there is one."""
    answer = js.mapping(js.load(page))
    refuse_errors(answer, page["page_id"])
    data = js.mapping(answer.get("data"))
    if "cloudcastLookup" not in data and "cloudcast" not in data:
        raise UnexpectedShape(page["page_id"], keys=sorted(map(str, data or answer))[:8])
    show = js.mapping(data.get("cloudcastLookup") or data.get("cloudcast"))
    if not show:
        raise MissingPage(page["page_id"])
    if "/" not in page["native_id"]:
        raise QueryUnknown(page["page_id"])
    show_id = native_id(show)
    if show_id and show_id.casefold() != page["native_id"].casefold():
        raise WrongPage(page["page_id"], says=show_id)
    rows, warnings = sections.rows(sections.of_graphql(show.get("sections")))
    user, slug = page["native_id"].split("/", 1)
    return [
        outputs.tracklist(
            page,
            READER,
            native_id=page["native_id"],
            kind=SECTIONS,
            url=addresses.show(user, slug).url,
            header=outputs.header(js.text(show.get("name")) or ""),
            rows=rows,
            warnings=warnings,
            rows_from="sections",
        )
    ]


def native_id(show: js.Object) -> str | None:
    """Return the show's id, where the answer has what it is made of."""
    user = js.text(js.mapping(show.get("owner")).get("username"))
    slug = js.text(show.get("slug"))
    return f"{user}/{slug}" if user and slug else None


def refuse_errors(value: object, page_id: str) -> None:
    """Raise ApiError for the error objects of both APIs."""
    response = js.mapping(value)
    error = js.mapping(response.get("error"))
    if error:
        raise ApiError(page_id, code=js.text(error.get("type")), info=js.text(error.get("message")))
    errors = js.mappings(response.get("errors"))
    if errors and not any(js.mapping(response.get("data")).values()):
        raise ApiError(page_id, code=None, info=js.text(errors[0].get("message")))


def _header(value: js.Object) -> tuple[Header, list[str]]:
    """Title, uploader, tags. The site knows no day of the set, only that of the upload."""
    title = js.text(value.get("name")) or "(no title)"
    user = js.mapping(value["user"])
    name, username = js.text(user.get("name")), js.text(user.get("username"))
    length = js.whole(value.get("audio_length")) or None
    warnings = []
    date_text = titles.day(title)
    if date_text is None:
        date_text, warning = _upload_date(js.text(value.get("created_time")))
        warnings.append(warning)
    djs = []
    if name or username:
        native = f"user:{username}" if username else None
        djs = [DjRef(name=name or username or "", native_id=native, url=js.text(user.get("url")))]
    url = js.text(value["url"]) or ""
    header = outputs.header(
        title,
        mix_name=title,
        date_text=date_text,
        djs=djs,
        set_type=titles.set_type(title, len(djs)),
        styles=list(
            dict.fromkeys(
                tag for item in js.mappings(value.get("tags")) if (tag := js.text(item.get("name")))
            )
        ),
        duration_seconds=length,
        recordings=[Recording(kind="audio", url=url, duration_seconds=length)],
    )
    return header, warnings


def _upload_date(created_time: str | None) -> tuple[str | None, str]:
    """Return the day of an upload, None for one before the service began, and the warning to give."""
    parsed = read_date(created_time)
    if created_time and (parsed is None or parsed[0].year < FIRST_UPLOAD_YEAR):
        return None, f"date_of_upload_implausible: {created_time[:40]!r}"
    return (created_time or "")[:10] or None, "date_of_upload: the title names no day"
