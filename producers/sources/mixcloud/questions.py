"""How the site is asked: the shows of a user, its search, the shows of a tag."""

from urllib.parse import quote, urlencode

from producers.sources.mixcloud import addresses
from producers.sources.page import Found
from producers.sources.question import CannotAsk, Question

AT_ONCE = 100  # the most that the API gives


def ask(question: Question) -> Found:
    """Return the first part of the listing that answers a question. Raises CannotAsk."""
    more: dict[str, str | int] = {"limit": AT_ONCE}
    if question.search:
        path, more = "search", {"q": question.search, "type": "cloudcast", **more}
    elif question.dj:
        path = f"{quote(question.dj.strip().strip('/'), safe='')}/cloudcasts"
        if question.since:
            more["since"] = f"{question.since} 00:00:00"
    elif question.category:
        path = f"discover/{quote(question.category.strip().lower().replace(' ', '-'), safe='')}/popular"
    else:
        raise CannotAsk(question.words, answers="--search, --dj, --category (a tag), and --since with them")
    found = addresses.by_url(f"{addresses.API}/{path}/?{urlencode(more, errors='replace')}")
    if found is None or found.kind != "listing":
        raise CannotAsk(question.words)
    return found
