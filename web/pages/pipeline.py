"""The pipeline: state of all parts, live; dead letters, with what can be done about them."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from operations.dead_letters import actions, view
from operations.dead_letters.decoding import describe_value
from operations.dead_letters.letters import Address, InvalidLetterId, LetterGroup
from operations.dead_letters.selection import Selection
from operations.dead_letters.topic import UnknownLetter
from songnodes.errors import UnknownName
from songnodes.settings import Settings
from web import operator
from web.database import Database
from web.drawing_data import coverage_shares
from web.drawings import svg
from web.drawings.heat_map import draw_heat_map, tabulate_heat_map
from web.pages.artists import markup
from web.pipeline import attention, shown
from web.pipeline.collector import Collector
from web.pipeline.state import PipelineReader, PipelineState, Reports
from web.rendering import ENVIRONMENT, page

router = APIRouter()
Result = TypeVar("Result")

RETRY_MS = 3000  # until a browser connects again
MAX_LETTERS = 100  # on a page, the latest first
LIVE = "pipeline_live.html"
SERVERS = ("kafka_bootstrap", "database_url")  # of dead letters and the actions on them
#: Errors about an address that names nothing.
UNKNOWN = (UnknownName, UnknownLetter, InvalidLetterId)


def collector_of(app: Any) -> Collector[PipelineState]:
    """Return the collector of the application, which all clients share."""
    state = app.state
    if not hasattr(state, "pipeline"):
        state.pipeline = Collector(PipelineReader(state.settings, state.database).read)
    collector: Collector[PipelineState] = state.pipeline
    return collector


@router.get("/pipeline")
async def pipeline(request: Request) -> HTMLResponse:
    """Show the state of the pipeline that was collected last, and its age."""
    state = await collector_of(request.app).latest()
    pool: Database = request.app.state.database
    drawn = await pool.kept.get("values by provider", state.reports.at, partial(_coverage, state.reports))
    return page(request, "pipeline.html", **drawn, **_context(state))


async def _coverage(reports: Reports) -> dict[str, Any]:
    """Return the drawing and the table of the values by provider, which are read every 10 minutes."""
    fields, providers, shares = coverage_shares(reports.coverage)
    coverage = draw_heat_map(fields, providers, shares, title="Values by provider")
    svg.set_size(coverage)  # it has as many columns as there are providers
    return {"coverage": markup(coverage), "covered": tabulate_heat_map(fields, providers, shares)}


@router.get("/pipeline/events")
async def events(request: Request) -> StreamingResponse:
    """Send the changing part of the page, as often as it is collected."""
    return StreamingResponse(
        _events(collector_of(request.app)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(collector: Collector[PipelineState]) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MS}\n\n"
    template = ENVIRONMENT.get_template(LIVE)
    async for state in collector.updates():
        lines = template.render(**_context(state)).splitlines()
        yield "".join(f"data: {line}\n" for line in lines) + "\n"


def _context(state: PipelineState) -> dict[str, Any]:
    flow = shown.flow(state)
    findings = attention.findings(state, flow)
    age = shown.age(state.at, datetime.now(UTC))
    return {"state": state, "flow": flow, "findings": findings, "shown": shown, "age": age}


@router.get("/pipeline/letters/{stage}")
async def letters(request: Request, stage: str, all: bool = False) -> HTMLResponse:
    """List the dead letters of a stage; with `all` also those that were handled."""
    groups = await _run(request, lambda current: _groups(current, stage, all))
    return page(
        request,
        "letters.html",
        stage=stage,
        all=all,
        rows=[view.as_dict(group) for group in reversed(groups[-MAX_LETTERS:])],
        count=len(groups),
        shown=shown,
    )


def _groups(settings: Settings, stage: str, handled: bool) -> list[LetterGroup]:
    with actions.opened(settings, stage) as (_, _, groups):
        return Selection(again=handled).of(groups)


@router.get("/pipeline/letters/{stage}/{letter_id}")
async def letter(request: Request, stage: str, letter_id: str) -> HTMLResponse:
    """Show one dead letter: reason, headers, content, and the forms that reinsert or drop it."""
    settings: Settings = request.app.state.settings
    described_letter = await _run(request, lambda current: _one(current, stage, letter_id))
    return page(
        request,
        "letter.html",
        stage=stage,
        id=letter_id,
        can_write=operator.can_write(settings),
        not_configured=operator.NOT_CONFIGURED,
        **described_letter,
    )


def _one(settings: Settings, stage: str, letter_id: str) -> dict[str, Any]:
    dead_letter, value, action = actions.one(settings, stage, Address.of(letter_id))
    kind, content = describe_value(settings, dead_letter, value)
    lines = view.described(dead_letter, action, kind)
    return {"lines": lines, "content": content, "action": action, "reason": dead_letter.code}


@router.post("/pipeline/letters/{stage}/{letter_id}/reinsert")
async def reinsert(request: Request, stage: str, letter_id: str) -> Response:
    """Write the record back to its topic."""
    form = await operator.authorised_form(request)
    blocked: list[str] = []
    result = await _run(
        request,
        lambda current: actions.reinsert(
            current,
            stage,
            _selection(letter_id, form),
            who=form.get("author") or operator.AUTHOR,
            note=form.get("note", ""),
            on_blocked=lambda _group, why: blocked.append(why),
        ),
        writes=True,
    )
    if blocked or not result.done:
        raise HTTPException(409, f"The record was not reinserted: {'; '.join(blocked) or 'nothing chosen'}.")
    return _back(stage, letter_id)


@router.post("/pipeline/letters/{stage}/{letter_id}/drop")
async def drop(request: Request, stage: str, letter_id: str) -> Response:
    """Mark the record as handled."""
    form = await operator.authorised_form(request)
    reason = operator.required(form, "note", "The reason")
    await _run(
        request,
        lambda current: actions.drop(
            current,
            stage,
            _selection(letter_id, form),
            who=form.get("author") or operator.AUTHOR,
            note=reason,
        ),
        writes=True,
    )
    return _back(stage, letter_id)


def _selection(letter_id: str, form: Mapping[str, str]) -> Selection:
    return Selection(addresses=[Address.of(letter_id)], again=form.get("again") == "yes")


def _back(stage: str, letter_id: str) -> Response:
    return RedirectResponse(f"/pipeline/letters/{stage}/{letter_id}", status_code=303)


async def _run(request: Request, call: Callable[[Settings], Result], *, writes: bool = False) -> Result:
    """Run a function on dead letters, once both servers that it needs respond."""
    settings: Settings = request.app.state.settings
    return await operator.run(settings, SERVERS, call, unknown=UNKNOWN, writes=writes)
