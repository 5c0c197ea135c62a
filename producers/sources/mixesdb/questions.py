"""Queries of the wiki: its search, its categories (artists and shows are categories, too), its recent
changes, which name revisions."""

from urllib.parse import urlencode

from producers.sources.mixesdb import addresses
from producers.sources.page import Found
from producers.sources.question import QueryNotSupported, Question

FOUND_AT_ONCE = 100  # the most that the REST search gives
LISTED_AT_ONCE = 500  # the most that the API lists for everybody
#: Seconds: a wiki whose replicas are so far behind asks to come again later.
MAXLAG = 5


def ask(question: Question) -> Found:
    """Return the first page of a query. Raises QueryNotSupported."""
    if question.search:
        words = urlencode({"q": question.search, "limit": FOUND_AT_ONCE}, errors="replace")
        return _found(f"{addresses.REST_API}/search/page?{words}", question)
    name = question.dj or question.category
    if name:
        title = f"Category:{name.removeprefix('Category:')}"
        return _list(question, "categorymembers", "cm", cmtitle=title)
    if question.since:
        parameters = {
            "rcend": f"{question.since}T00:00:00Z",
            "rctype": "edit|new",
            "rcprop": "title|ids|timestamp",
        }
        return _list(question, "recentchanges", "rc", **parameters)
    raise QueryNotSupported(question.words, supported="--search, --dj, --category, --since")


def _list(question: Question, name: str, prefix: str, **parameters: str) -> Found:
    query = {
        "action": "query",
        "list": name,
        f"{prefix}namespace": "0",
        f"{prefix}limit": str(LISTED_AT_ONCE),
        **parameters,
        "format": "json",
        "formatversion": "2",
        "maxlag": str(MAXLAG),
    }
    return _found(f"{addresses.API}?{urlencode(query, errors='replace')}", question)


def _found(url: str, question: Question) -> Found:
    page_ref = addresses.by_url(url)
    if page_ref is None:
        raise QueryNotSupported(question.words)
    return page_ref
