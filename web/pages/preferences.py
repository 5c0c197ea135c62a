"""The form of notation and colours: a cookie, then back to the page."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from web import preferences

router = APIRouter(include_in_schema=False)


@router.get("/preferences")
async def remember(request: Request) -> RedirectResponse:
    """Keep the choices in a cookie and return to the page of the form."""
    current = preferences.read(request.cookies)
    choices = preferences.chosen(dict(request.query_params), current)
    response = RedirectResponse(preferences.local_address(request.query_params.get("back", "/")), 303)
    response.set_cookie(
        preferences.COOKIE, choices.cookie, max_age=preferences.COOKIE_AGE_S, httponly=True, samesite="lax"
    )
    return response
