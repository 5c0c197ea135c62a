"""MixesDB: wikitext is recognised; its parser comes with the grammar of its lines."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote, urlsplit

from producers.sources.page import Found, Material, Output
from songnodes.domain.records import Page

HOSTS = frozenset({"mixesdb.com", "www.mixesdb.com"})
PAGE = re.compile(r"^/(?:w|db/index\.php)/(?!File:|Category:|Special:|api\.php)(.+)$")
TRACKLIST = re.compile(r"^==\s*(?:Tracklist|Chart)\s*==", re.MULTILINE)
CATEGORY = re.compile(r"\[\[Category:[^\]]+\]\]")


class MixesDB:
    """Pages of mixes, as wikitext or rendered."""

    name = "mixesdb"
    parsers: Mapping[str, Callable[[Page], list[Output]]] = {}

    def by_url(self, url: str) -> Found | None:
        """A mix's page. The id is its title with underscores, as in the address."""
        parts = urlsplit(url)
        match = PAGE.match(unquote(parts.path))
        if (parts.hostname or "") not in HOSTS or not match:
            return None
        return Found(source=self.name, kind="mix", native_id=match[1].replace(" ", "_"), url=url)

    def by_body(self, material: Material) -> Found | None:
        """Wikitext of a mix. It does not say its title, so an address must come with it."""
        if material.is_html:
            return next(filter(None, map(self.by_url, material.links)), None)
        looks = TRACKLIST.search(material.text) and CATEGORY.search(material.text)
        return self.by_url(material.url) if looks and material.url else None


SOURCE = MixesDB()
