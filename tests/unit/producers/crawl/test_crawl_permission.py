"""Sites that may be crawled, and the errors for sites that may not."""

import pytest

from producers.crawl import permission
from producers.crawl.permission import OutsideSimulation, SourceDisabled
from producers.errors import ContactRequired
from songnodes.errors import UnknownName, UserError
from songnodes.settings import Settings

CONTACT = "ada@example.org"


@pytest.mark.parametrize(
    ("changes", "allowed"),
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
def test_sites_are_allowed_by_settings(changes: dict[str, object], allowed: list[str]) -> None:
    assert permission.allowed_sources(Settings().model_copy(update=changes)) == allowed


@pytest.mark.parametrize(
    ("source", "changes", "error", "message"),
    [
        ("ra", {"contact": CONTACT}, SourceDisabled, "terms forbid scraping.*SONGNODES_CRAWL"),
        ("1001tracklists", {}, SourceDisabled, "low volume"),
        ("mixesdb", {}, ContactRequired, "contact address.*SONGNODES_CONTACT"),
        ("beatport", {"contact": CONTACT}, UnknownName, "mixesdb"),
        ("mixesdb", {"sites": {"ra.co": "http://127.0.0.1:1"}}, OutsideSimulation, "mixesdb"),
    ],
)
def test_a_refusal_names_reason_and_remedy(
    source: str, changes: dict[str, object], error: type[UserError], message: str
) -> None:
    with pytest.raises(error, match=message):
        permission.check_allowed(source, Settings().model_copy(update=changes))
