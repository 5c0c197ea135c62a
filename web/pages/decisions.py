"""Decisions of the operator on a track: a value set or withdrawn, a merge, a split. Each is an event."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from songnodes import catalogue
from songnodes.catalogue import UnknownTrack
from songnodes.cli import override
from songnodes.cli.failures import sentence
from songnodes.decisions import Author
from songnodes.domain import overrides
from songnodes.errors import UserError
from songnodes.servers import reached
from songnodes.settings import Settings
from stream_processors.resolver import cli as resolver
from web import operator
from web.rendering import page

router = APIRouter()

MAX_TEXT_CHARS = 500  # of a reason


@router.get("/decide")
async def decide(request: Request, track: str = "", field: str = "", other: str = "") -> HTMLResponse:
    """Show the forms for a track; reads its name, and changes nothing."""
    settings: Settings = request.app.state.settings
    track_id = await _run(lambda: override.track_id_of(track)) if track else ""
    names = await _run(lambda: catalogue.check(settings, [track_id], force=True)) if track_id else {}
    return page(
        request,
        "decide.html",
        track=track_id,
        name=names.get(track_id, ""),
        known=track_id in names,
        field=field,
        other=other,
        fields=overrides.FIELDS,
        can_write=operator.can_write(settings),
        not_configured=operator.NOT_CONFIGURED,
    )


@router.post("/decide/set")
async def set_value(request: Request) -> HTMLResponse:
    """Set a field of a track."""
    form = await operator.authorised_form(request)
    track, by = _track(form), _author(form)
    field, value = (
        operator.required(form, "field", "The field"),
        operator.required(form, "value", "The value"),
    )
    settings: Settings = request.app.state.settings
    await _run(
        lambda: override.publish_checked(settings, list(override.decisions_of(track, {field: value}, by)))
    )
    return _done(request, track, f"{field} is set to {value}")


@router.post("/decide/withdraw")
async def withdraw_value(request: Request) -> HTMLResponse:
    """Withdraw a value that was set."""
    form = await operator.authorised_form(request)
    track, by = _track(form), _author(form)
    field = operator.required(form, "field", "The field")
    settings: Settings = request.app.state.settings
    await _run(lambda: override.publish_checked(settings, override.withdrawals_of(track, field, by)))
    return _done(request, track, f"the value of {field} is withdrawn")


@router.post("/decide/merge")
async def merge(request: Request) -> HTMLResponse:
    """Merge two tracks that are one recording."""
    form = await operator.authorised_form(request)
    track, by = _track(form), _author(form)
    other = _id_of(operator.required(form, "other", "The other track"))
    if other == track:
        raise HTTPException(422, "A track cannot be merged with itself.")
    settings: Settings = request.app.state.settings
    confirm = None if form.get("confirmed") == "yes" else _refuse
    await _run(
        lambda: resolver.merge_pair(
            reached(settings, *resolver.NEEDED),
            (track, other),
            by,
            force=form.get("force") == "yes",
            confirm=confirm,
        )
    )
    return _done(request, track, f"it is merged with {other}")


@router.post("/decide/split")
async def split(request: Request) -> HTMLResponse:
    """Separate a track from the recording it is merged with."""
    form = await operator.authorised_form(request)
    track, by = _track(form), _author(form)
    settings: Settings = request.app.state.settings
    ids = [track, *([_id_of(form["other"])] if form.get("other") else [])]
    merged = await _run(lambda: resolver.split_track(reached(settings, *resolver.NEEDED), ids, by))
    return _done(request, track, f"it is split from {', '.join(merged)}")


def _refuse(question: str) -> None:
    raise HTTPException(409, f"{question} If so, send the form again with the box for this checked.")


def _track(form: Mapping[str, str]) -> str:
    return _id_of(operator.required(form, "track", "The track"))


def _id_of(text: str) -> str:
    try:
        return override.track_id_of(text)
    except UserError as error:
        raise HTTPException(422, sentence(error)) from error


def _author(form: Mapping[str, str]) -> Author:
    reason = operator.required(form, "reason", "The reason")[:MAX_TEXT_CHARS]
    return Author(name=form.get("author") or operator.AUTHOR, reason=reason, at=datetime.now(UTC))


def _done(request: Request, track: str, what: str) -> HTMLResponse:
    return page(request, "decided.html", track=track, what=what)


async def _run(call: Callable[[], Any]) -> Any:
    """Run a command's function in a thread; its refusals are answers, not faults."""
    try:
        return await asyncio.to_thread(call)
    except UserError as error:
        raise HTTPException(404 if isinstance(error, UnknownTrack) else 409, sentence(error)) from error
