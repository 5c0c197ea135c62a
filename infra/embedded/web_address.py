"""Address of the dashboard and the query API of a data directory."""

from infra.embedded import ports
from songnodes.settings import Settings

NAME = "web"


def port(settings: Settings) -> int:
    """Return the port: as set, or the one that the data directory keeps, chosen at the first call."""
    if settings.web_port:
        return settings.web_port
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return ports.choose(settings.home, (NAME,))[NAME]


def url(settings: Settings) -> str:
    """Return the address for a browser on this machine."""
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return f"http://{host}:{port(settings)}/"
