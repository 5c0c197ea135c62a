"""Message of a failed command: one sentence."""

from typing import Any

from songnodes.access import Access
from songnodes.cli.terminal import escaped
from songnodes.errors import SongNodesError
from songnodes.redaction import without_password_in

#: Server that failed, by the top-level package of the exception's type.
CLIENTS = {
    "confluent_kafka": "Kafka",
    "cimpl": "Kafka",  # its C extension
    "psycopg": "PostgreSQL",
    "asyncpg": "PostgreSQL",
    "yoyo": "PostgreSQL",
    "redis": "Redis",
    "httpx": "The schema registry",
    "httpx2": "The schema registry",
    "requests": "An HTTP server",
}
NEXT_STEPS = "`songnodes status` shows the servers; SONGNODES_LOG_LEVEL=debug shows where it failed"


def sentence(error: BaseException) -> str:
    """Return the failure and its remedy as one line, without control characters."""
    return escaped(" ".join(without_password_in(_text(error)).split()))


def _text(error: BaseException) -> str:
    if isinstance(error, SongNodesError):
        return str(error)
    package = type(error).__module__.partition(".")[0]
    if package == "pydantic_core":
        return _settings_fault(error)
    if isinstance(error, OSError) and package == "builtins":
        named = f"{error.filename}: " if error.filename else ""
        return f"{named}{error.strerror or error}"
    cause = _cause(error) or type(error).__name__
    if package in CLIENTS:
        return f"{CLIENTS[package]} failed: {cause}. {NEXT_STEPS}"
    return f"unexpected {type(error).__name__}: {cause}. {NEXT_STEPS}"


def _cause(error: BaseException) -> str:
    """Return the error's text; of a KafkaException that of the KafkaError in it."""
    inner: Any = error.args[0] if error.args else None
    text = inner.str() if type(inner).__name__ == "KafkaError" else str(error)
    return str(text).strip()


def _settings_fault(error: BaseException) -> str:
    """Return the variables with invalid values, without the values."""
    faults = [
        f"{_variable(str(fault['loc'][0])) if fault['loc'] else 'the settings'}: {fault['msg']}"
        for fault in getattr(error, "errors", list)()
    ]
    return f"A setting is invalid: {'; '.join(faults)}. Correct or unset the variable"


def _variable(field: str) -> str:
    return field.upper() if field.lower() in Access.model_fields else f"SONGNODES_{field.upper()}"
