"""Form of an answer by suffix: `.json`, `.csv`, `.m3u8` are taken off the path."""

from starlette.types import ASGIApp, Receive, Scope, Send

FORMS = ("json", "csv", "m3u8")


class Suffixes:
    """Middleware that leaves the form in `songnodes.form` and the path without it in `songnodes.path`."""

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] == "http" and scope["path"].startswith(f"{self._prefix}/"):
            path, _, form = scope["path"].rpartition(".")
            if form in FORMS:
                raw = scope.get("raw_path", b"").rpartition(b".")[0]
                scope = {**scope, "path": path, "raw_path": raw, "songnodes.form": form}
            scope = {**scope, "songnodes.path": scope["path"]}
        await self._app(scope, receive, send)
