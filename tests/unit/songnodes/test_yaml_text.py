"""YAML is read as the parser in Python reads it."""

from pathlib import Path

import pytest
import yaml

from songnodes import yaml_text
from tests.support.project_files import ROOT

FILES = sorted(file for folder in ("songnodes", "infra") for file in (ROOT / folder).rglob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_our_files_read_the_same(file: Path) -> None:
    text = file.read_text("utf-8")
    assert yaml_text.load(text) == yaml.safe_load(text)


def test_no_object_is_made_and_an_error_is_of_yaml() -> None:
    for text in ("!!python/object/apply:os.getcwd []", "a: [", "\x07"):
        with pytest.raises(yaml.YAMLError):
            yaml_text.load(text)
