"""Every document, section and file that code and docs refer to exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project_files import FOLDERS, ROOT, project_files

CITED = re.compile(r"docs/([\w-]+\.md)(?:,\s*(?:#\s*|--\s*)?section (\d+))?")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
#: A path in backticks with a folder and an ending: `songnodes/domain/keys/wheel.py`.
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|sql|md|yaml|toml|avsc))`")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks" / "RESULTS.md"])


def citations() -> Iterator[tuple[str, str, str]]:
    """Yield (file, document, section) of all references in code; the section is empty where none is named."""
    for file in project_files(".py", ".sql"):
        if file != Path(__file__):
            for document, section in CITED.findall(file.read_text("utf-8")):
                yield str(file.relative_to(ROOT)), document, section


def test_cited_documents_and_sections_exist() -> None:
    headings = {
        page.name: set(re.findall(r"^#+ (\d+)\.", page.read_text("utf-8"), re.MULTILINE)) for page in PAGES
    }
    cited = list(citations())
    assert len(cited) > 10
    assert [citation for citation in cited if citation[1] not in headings] == []
    assert [citation for citation in cited if citation[2] and citation[2] not in headings[citation[1]]] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_paths_of_the_docs_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    #: The docs name paths from the root or from one of the folders.
    places = (ROOT, *(ROOT / folder for folder in FOLDERS))
    paths = [path for path in PATH.findall(text) if not any((place / path).exists() for place in places)]
    assert (links, [path for path in paths if "NNN" not in path]) == ([], [])
