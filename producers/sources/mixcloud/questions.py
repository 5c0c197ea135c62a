"""Queries of the site: the shows of a user, its search, the shows of a tag."""

from urllib.parse import quote, urlencode

from producers.sources.mixcloud import addresses
from producers.sources.page import Found
from producers.sources.question import QueryNotSupported, Question

MAX_PAGE_SIZE = 100  # of the API


def ask(question: Question) -> Found:
    """Return the first part of the listing that answers a question. Raises QueryNotSupported."""
    more: dict[str, str | int] = {"limit": MAX_PAGE_SIZE}
    if question.search:
        path, more = "search", {"q": question.search, "type": "cloudcast", **more}
    elif question.dj:
        path = f"{quote(question.dj.strip().strip('/'), safe='')}/cloudcasts"
        if question.since:
            more["since"] = f"{question.since} 00:00:00"
    elif question.category:
        path = f"discover/{quote(question.category.strip().lower().replace(' ', '-'), safe='')}/popular"
    else:
        raise QueryNotSupported(
            question.words, supported="--search, --dj, --category (a tag), and --since with them"
        )
    page_ref = addresses.by_url(f"{addresses.API}/{path}/?{urlencode(more, errors='replace')}")
    if page_ref is None or page_ref.kind != "listing":
        raise QueryNotSupported(question.words)
    return page_ref
