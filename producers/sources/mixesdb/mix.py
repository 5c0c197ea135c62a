"""From wikitext to the record of a mix."""

from producers.sources import bodies, outputs, setlists
from producers.sources import json_values as js
from producers.sources.errors import MissingPage, NoRows, NotATracklist, RenderedPage, WrongPage
from producers.sources.mixesdb import addresses, answers, header, wikitext
from producers.sources.mixesdb.answers import WikiPage
from producers.sources.page import Output
from songnodes.domain.records import Attribution, Page
from songnodes.errors import Poison

PARSER_VERSION = 6
READER = outputs.Reader(source=addresses.NAME, version=PARSER_VERSION)
KIND = "mix"
#: Used where the answer itself names no licence.
LICENCE = "CC BY-SA"
HOLDER = "MixesDB contributors"


def parse_mix(page: Page) -> list[Output]:
    """Return the record of one mix, from the REST answer or from bare wikitext."""
    text = bodies.decode(page["body"], page["content_type"]).text
    start = text.lstrip()[:1]
    if start == "<" and "<html" in text[:2_000].lower():
        raise RenderedPage(page["page_id"])
    if start != "{" or text.lstrip().startswith("{{"):
        return [_output(page, WikiPage(title=page["native_id"].replace("_", " "), text=text))]
    wiki_pages = answers.pages(js.load(page), page["page_id"])
    for wiki_page in wiki_pages:
        mix_ref = addresses.mix(wiki_page.title)
        if mix_ref is None or mix_ref.native_id != page["native_id"]:
            raise WrongPage(page["page_id"], says=wiki_page.title)
    if not wiki_pages:
        raise MissingPage(page["page_id"])
    return [_output(page, wiki_pages[0])]


def parse_query(page: Page) -> list[Output]:
    """Return the records of all mixes whose text a query has; empty if it only lists pages.

    A query answers for up to 50 titles. One that cannot be read does not take the others with it: it becomes
    a record without rows, with the reason. Where none can be read, the first error is raised.
    """
    answer = js.load(page)
    wiki_pages = answers.pages(answer, page["page_id"])
    if not answers.has_texts(answer):
        return []
    outputs_, refused = [], []
    for wiki_page in wiki_pages:
        try:
            outputs_.append(_output(page, wiki_page))
        except Poison as poison:
            refused.append((wiki_page, poison))
    if not outputs_:
        raise refused[0][1] if refused else MissingPage(page["page_id"])
    return [
        *outputs_,
        *(_refused(page, wiki_page, poison) for wiki_page, poison in refused if wiki_page.text),
    ]


def _output(page: Page, wiki_page: WikiPage) -> Output:
    """Raise MissingPage, NotATracklist, and NoRows unless the page is marked as having none."""
    mix_ref = addresses.mix(wiki_page.title)
    if mix_ref is not None and wiki_page.namespace == answers.MAIN and (why := _withdrawal_reason(wiki_page)):
        head = outputs.header(wiki_page.title)
        return outputs.withdrawal(page, READER, native_id=mix_ref.native_id, kind=KIND, header=head, why=why)
    if wiki_page.text is None:
        raise MissingPage(page["page_id"], title=wiki_page.title)
    if mix_ref is None or wiki_page.namespace != answers.MAIN:
        raise NotATracklist(page["page_id"], title=wiki_page.title)
    wiki = wikitext.read(wiki_page.text)
    complete = header.completeness(wiki.categories)
    if not wiki.has_section and complete != "none":
        raise NotATracklist(page["page_id"], title=wiki_page.title)
    if not wiki.tracklist.rows and complete != "none":
        raise NoRows(page["page_id"], title=wiki_page.title)
    return _record(page, wiki_page, wiki, mix_ref.native_id, [])


def _withdrawal_reason(wiki_page: WikiPage) -> str | None:
    """Return why the site has no such mix any more; None for a page that it has."""
    if wiki_page.missing:
        return "missing"
    if wiki_page.moved_to is not None:
        return f"moved to {wiki_page.moved_to}"
    return "moved" if wiki_page.text is not None and wikitext.is_redirect(wiki_page.text) else None


def _refused(page: Page, wiki_page: WikiPage, poison: Poison) -> Output:
    key = "_".join(wiki_page.title.split())
    return _record(page, wiki_page, wikitext.read(""), key, [f"refused: {poison.reason}"])


def _record(
    page: Page, wiki_page: WikiPage, wiki: wikitext.Wikitext, native_id: str, warnings: list[str]
) -> Output:
    url = addresses.page_url(native_id)
    licence = wiki_page.licence or LICENCE
    return outputs.tracklist(
        page,
        READER,
        native_id=native_id,
        kind=KIND,
        url=url,
        header=header.read(wiki_page.title, wiki),
        rows=setlists.rows(wiki.tracklist.rows),
        counters={"revision": wiki_page.revision} if wiki_page.revision is not None else {},
        warnings=[*warnings, *wiki.tracklist.warnings],
        completeness=header.completeness(wiki.categories),
        categories=wiki.categories,
        attribution=Attribution(holder=HOLDER, licence=licence, url=url),
    )
