"""`songnodes mcp`: answer questions of a program over the Model Context Protocol, on stdin and stdout."""

import asyncio

from songnodes import logs
from songnodes.errors import UserError
from songnodes.servers import reached
from songnodes.settings import settings


class ExtraMissing(UserError):
    """The packages of an optional part are not installed"""


def serve() -> None:
    """Answer questions over the Model Context Protocol until stdin ends. Read-only."""
    try:
        from web import mcp_tools
    except ModuleNotFoundError as error:
        remedy = "Install them with `pip install 'songnodes[mcp]'`, in a clone with `pip install -e '.[mcp]'`"
        raise ExtraMissing(f"{error.name}, of the extra mcp", remedy=remedy) from error
    current = settings()
    if not current.web_database_url:  # else a replica answers
        reached(current, "database_url")
    logs.configure(current, "mcp")  # standard output has the protocol
    asyncio.run(mcp_tools.serve(current))
