"""Requests made from the OpenAPI description: every response is one that it declares."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case

from enrichment.service.app import create_app
from tests.support.in_memory_enricher import InMemoryEnricher

EXAMPLES = 25  # requests an operation

schema = schemathesis.openapi.from_asgi(
    "/openapi.json", create_app(InMemoryEnricher(), hosts=("127.0.0.1", "localhost", "testserver"))
)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_responses_are_declared(case: "Case[Any]") -> None:
    case.call_and_validate()
