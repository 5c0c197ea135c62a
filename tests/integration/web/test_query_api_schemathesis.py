"""Requests made from the OpenAPI description of the query API: every response is one that it declares."""

from typing import Any, cast

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from songnodes.settings import Settings
from web.app import create_app

EXAMPLES = 8  # requests an operation

schema = schemathesis.openapi.from_dict(create_app(cast(Any, None), Settings()).openapi())


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_responses_are_declared(case: "Case[Any]", address: str) -> None:
    # a cursor and a text without NUL are narrower than the description can say
    case.call_and_validate(base_url=address, excluded_checks=[positive_data_acceptance])
