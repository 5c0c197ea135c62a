"""Decisions of the operator on a track: a value set or withdrawn, a merge, a split. Each is an event."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

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
from songnodes.settings import Settings
from stream_processors.resolver import cli as resolver
from web import operator
from web.rendering import page

router = APIRouter()
Result = TypeVar("Result")

MAX_TEXT_CHARS = 500  # of a reason


@router.get("/decide")
async def decide(request: Request, track: str = "", field: str = "", other: str = "") -> HTMLResponse:
    """Show the forms for a track; reads its name, and changes nothing."""
    settings: Settings = request.app.state.settings
    track_id = _id_of(track) if track else ""
    names = await _names(settings, track_id) if track_id else {}
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


async def _names(settings: Settings, track_id: str) -> dict[str, str]:
    """Return the name of a track by its id; without it if there is none."""
    return await operator.run(
        settings, ("database_url",), lambda current: catalogue.check(current, [track_id], force=True)
    )


@router.post("/decide/set")
async def set_value(request: Request) -> HTMLResponse:
    """Set a field of a track."""
    form = await operator.authorised_form(request)
    track, by = _track(form), _author(form)
    field = operator.required(form, "field", "The field")
    value = operator.required(form, "value", "The value")
    await _write(
        request,
        lambda current: override.publish_checked(
            current, list(override.decisions_of(track, {field: value}, by))
        ),
    )
    return _done(request, track, f"{field} is set to {value}")


@router.post("/decide/withdraw")
async def withdraw_value(request: Request) -> HTMLResponse:
    """Withdraw a value that was set."""
    form = await operator.authorised_form(request)
    track, by = _track(form), _author(form)
    field = operator.required(form, "field", "The field")
    await _write(
        request,
        lambda current: override.publish_checked(current, override.withdrawals_of(track, field, by)),
    )
    return _done(request, track, f"the value of {field} is withdrawn")


@router.post("/decide/merge")
async def merge(request: Request) -> HTMLResponse:
    """Merge two tracks that are one recording."""
    form = await operator.authorised_form(request)
    track, by = _track(form), _author(form)
    other_id = _id_of(operator.required(form, "other", "The other track"))
    if other_id == track:
        raise HTTPException(422, "A track cannot be merged with itself.")
    confirm = None if form.get("confirmed") == "yes" else _refuse
    force = form.get("force") == "yes"
    await _write(
        request,
        lambda current: resolver.merge_pair(current, (track, other_id), by, force=force, confirm=confirm),
    )
    return _done(request, track, f"it is merged with {other_id}")


@router.post("/decide/split")
async def split(request: Request) -> HTMLResponse:
    """Separate a track from the recording it is merged with."""
    form = await operator.authorised_form(request)
    track, by = _track(form), _author(form)
    ids = [track, *([_id_of(form["other"])] if form.get("other") else [])]
    merged = await _write(request, lambda current: resolver.split_track(current, ids, by))
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


async def _write(request: Request, publish: Callable[[Settings], Result]) -> Result:
    """Publish decisions, once all servers respond."""
    settings: Settings = request.app.state.settings
    return await operator.run(settings, resolver.NEEDED, publish, unknown=(UnknownTrack,), writes=True)
