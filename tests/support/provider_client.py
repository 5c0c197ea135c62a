"""Adapters over the demo's providers without HTTP."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from demo.providers import Providers
from demo.providers.credentials import CREDENTIALS
from demo.providers.exchange import ApiRequest
from demo.providers.holdings import Provider
from enrichment.gateway.question import Answered, Question
from enrichment.gateway.redirects import redirected
from enrichment.providers import ALL
from enrichment.types import Call, Classified, HttpRequest, ProviderAccess, ProviderTrack, Response

NOW = datetime(2026, 11, 29, tzinfo=UTC)
AGENT = "SongNodes/0.1.0 (demo; +demo@songnodes.example)"
ROOT = "http://127.0.0.1:1"


class ProviderClient:
    """Sends calls to the local providers; a token is fetched where a provider wants one."""

    def __init__(self, providers: Providers) -> None:
        self.providers = providers
        self.sent = 0
        self._tokens: dict[str, str] = {}

    def response(self, call: Call) -> Response:
        """Return the response to a call."""
        provider = ALL[call.provider]
        if call.provider not in self._tokens and (
            authorise := provider.authorise(self._access(call.provider))
        ):
            token = provider.read_token(self._send(authorise))
            assert token is not None
            self._tokens[call.provider] = token.value
        self.sent += 1
        return self._send(call)

    def tracks(self, call: Call) -> tuple[ProviderTrack, ...]:
        """Return the tracks of a call that is a hit or a miss."""
        response = self.response(call)
        outcome = ALL[call.provider].classify(call.operation, response)
        assert outcome.outcome in ("hit", "miss"), (call, outcome, response.body[:200])
        return ALL[call.provider].extract(call.operation, call.parameters, response.body)

    def classified(self, call: Call) -> Classified:
        """Return the outcome of a call."""
        return ALL[call.provider].classify(call.operation, self.response(call))

    async def ask(self, question: Question) -> Answered:
        """Return the answer to a question, as the gateway does, without its limits and its cache."""
        call = question.call
        response = self.response(call)
        provider = ALL[call.provider]
        classified = provider.classify(call.operation, response)
        assert classified.outcome in ("hit", "miss"), (call, classified)
        parameter = provider.operations[call.operation].batch_parameter
        if parameter is not None and classified.outcome == "hit":
            (item,) = call.items(parameter)
            parts = provider.split(call, response.body)
            if item not in parts:
                return Answered(status="miss", response=response, attempts=1)
            response = Response(
                status=response.status,
                headers=response.headers,
                body=parts[item],
                latency_ms=response.latency_ms,
                received=response.received,
            )
        return Answered(
            status="hit" if classified.outcome == "hit" else "miss", response=response, attempts=1
        )

    async def ask_batch(self, questions: Sequence[Question]) -> tuple[Answered, ...]:
        """Return the answers to questions, with one request for each."""
        return tuple([await self.ask(question) for question in questions])

    def _access(self, name: str) -> ProviderAccess:
        provider = ALL[name]
        return ProviderAccess(
            base_url=ROOT,
            token_url=ROOT + urlsplit(provider.token_url).path,
            user_agent=AGENT,
            credentials=CREDENTIALS,
            token=self._tokens.get(name),
        )

    def _send(self, call: Call) -> Response:
        provider = ALL[call.provider]
        request = provider.request(call, self._access(call.provider))
        response = self._received(call.provider, request)
        target = redirected(provider.operations[call.operation], request, response)
        return self._received(call.provider, target) if target else response

    def _received(self, provider: str, request: HttpRequest) -> Response:
        parts = urlsplit(request.url)
        query: dict[str, tuple[str, ...]] = {}
        for parameter, value in parse_qsl(parts.query):
            query[parameter] = (*query.get(parameter, ()), value)
        api_request = ApiRequest(
            method=request.method,
            path=parts.path,
            query=query,
            headers={header.lower(): value for header, value in request.headers.items()},
            body=request.body or b"",
        )
        name: Provider = provider  # type: ignore[assignment]
        routed, _ = self.providers.handle(name, api_request)
        reply = routed.reply
        headers = {"content-type": reply.content_type}
        headers |= {header.lower(): value for header, value in reply.headers.items()}
        return Response(status=reply.status, headers=headers, body=reply.body, latency_ms=1, received=NOW)
