"""Which sites are crawled, and what somebody is told who may not."""

import pytest

from producers.crawl import permission
from producers.crawl.permission import NotSimulated, SourceDisabled
from producers.refusals import ContactRequired
from songnodes.errors import UnknownName, UserError
from songnodes.settings import Settings

CONTACT = "ada@example.org"


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({}, []),
        ({"contact": CONTACT}, ["mixcloud", "mixesdb"]),
        ({"crawl": ("ra",)}, []),
        (
            {"contact": CONTACT, "crawl": ("ra", "1001tracklists")},
            ["1001tracklists", "mixcloud", "ra", "mixesdb"],
        ),
        ({"sites": {"ra.co": "http://127.0.0.1:1"}}, ["ra"]),
    ],
)
def test_what_is_on(given: dict[str, object], allowed: list[str]) -> None:
    assert permission.allowed_sources(Settings().model_copy(update=given)) == allowed


@pytest.mark.parametrize(
    ("source", "given", "error", "says"),
    [
        ("ra", {"contact": CONTACT}, SourceDisabled, "terms forbid scraping.*SONGNODES_CRAWL"),
        ("1001tracklists", {}, SourceDisabled, "low volume"),
        ("mixesdb", {}, ContactRequired, "contact address.*SONGNODES_CONTACT"),
        ("beatport", {"contact": CONTACT}, UnknownName, "mixesdb"),
        ("mixesdb", {"sites": {"ra.co": "http://127.0.0.1:1"}}, NotSimulated, "mixesdb"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(
    source: str, given: dict[str, object], error: type[UserError], says: str
) -> None:
    with pytest.raises(error, match=says):
        permission.check_allowed(source, Settings().model_copy(update=given))
