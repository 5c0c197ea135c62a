"""Requests made from the OpenAPI description: every response is one that it declares."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case

from enrichment.service.app import create_app
from tests.support.in_memory_enricher import InMemoryEnricher

EXAMPLES = 25  # requests an operation

TOKEN = "t" * 40

schema = schemathesis.openapi.from_asgi(
    "/openapi.json", create_app(InMemoryEnricher(), hosts=("127.0.0.1", "localhost", "testserver"))
)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_responses_are_declared(case: "Case[Any]") -> None:
    case.call_and_validate()


with_token = schemathesis.openapi.from_asgi(
    "/openapi.json", create_app(InMemoryEnricher(), token=TOKEN), headers={"Authorization": f"Bearer {TOKEN}"}
)


@with_token.parametrize()
@settings(max_examples=EXAMPLES // 5, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_token_is_declared_and_required(case: "Case[Any]") -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})


def test_all_operations_but_two_declare_the_token() -> None:
    open_paths = {
        path
        for path, operations in with_token.raw_schema["paths"].items()
        if not all("security" in operation for operation in operations.values())
    }
    assert open_paths == {"/health", "/ready"}
