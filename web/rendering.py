"""Pages from templates: all values are escaped, and a name that a page does not get is an error."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from web import links, preferences

ENVIRONMENT = Environment(
    loader=PackageLoader("web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)

#: A page depends on the preferences, which are in a cookie, and on the last refresh.
CACHING = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}


def compile_templates() -> None:
    """Compile all templates, which the first view of each page would wait for."""
    for name in ENVIRONMENT.list_templates():
        ENVIRONMENT.get_template(name)


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """Return the page of a template, which gets the request, the reader's preferences and the context."""
    shared_context = {"request": request, "preferences": preferences.read(request.cookies), "links": links}
    text = ENVIRONMENT.get_template(template).render(shared_context | context)
    return HTMLResponse(text, status_code=status, headers=CACHING | (headers or {}))
