"""Structured logs: one event name, key-value pairs, correlation by page id and track id."""

import faulthandler
import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog

from songnodes.redaction import secrets_of, without_secrets
from songnodes.settings import Settings


def configure(settings: Settings, process: str) -> None:
    """Send all logs of this process to standard error, ours and those of libraries, in one form.

    A process that native code brings down (Kafka's client, RocksDB) leaves the stacks there, too.
    """
    if not faulthandler.is_enabled():
        faulthandler.enable(sys.__stderr__ or sys.stderr)
    level = logging.getLevelName(settings.log_level.upper())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    # The console's own tracebacks would print local variables, passwords among them.
    last: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        _redaction(secrets_of(settings)),
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        ),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("httpx2", "httpcore2"):  # one line per request to the schema registry
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def _redaction(secrets: frozenset[str]) -> structlog.typing.Processor:
    """Return a processor that removes passwords from every text of an event, tracebacks included."""

    def shown(value: Any) -> Any:
        if isinstance(value, str):
            return without_secrets(value, secrets)
        if isinstance(value, int | float | bool | None):
            return value
        if isinstance(value, Mapping):
            return {key: shown(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [shown(item) for item in value]
        return without_secrets(repr(value), secrets)  # as the renderer would

    def redact(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {key: shown(value) for key, value in event.items()}

    return redact


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger for one module."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
