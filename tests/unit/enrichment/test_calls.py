"""Keys of calls: they are stored in caches and archives, so they never change."""

import hashlib
import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from enrichment.types import Call

texts = st.text(st.characters(codec=None), max_size=20)  # lone surrogates too


@given(st.dictionaries(texts, texts, max_size=4))
def test_a_key_is_the_digest_of_the_sorted_parameters_in_json(parameters: dict[str, str]) -> None:
    call = Call(provider="p", operation="o", parameters=parameters)
    pairs = json.dumps(sorted(parameters.items()), separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(pairs.encode("utf-8", "surrogatepass")).hexdigest()
    assert call.key == call.key == f"p:o:{digest}"


def test_another_call_has_another_key() -> None:
    call = Call(provider="p", operation="o", parameters={"id": "1"})
    assert call.key != replace(call, parameters={"id": "2"}).key
    assert call == Call(provider="p", operation="o", parameters={"id": "1"})  # with and without a key
