"""The Avro schemas: one folder per subject under `schemas/avro`, one file per version, append-only."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.common._httpx_compat import httpx  # whichever of its two the client uses
from confluent_kafka.schema_registry.error import SchemaRegistryError

from songnodes.access import Access
from songnodes.errors import Fatal, RegistryUnreachable
from songnodes.settings import Settings

NOT_FOUND = 404
REFUSALS = {409, 422}  # not compatible, not a schema
TOO_MANY = 429
SERVER_ERROR = 500


class SchemasMissing(Fatal):
    """The registry does not know a schema of this version of the code"""

    remedy = "Run `songnodes schemas register`"


class SchemaRefused(Fatal):
    """The registry refuses a schema: it could not read what older versions wrote"""


@cache
def subjects() -> dict[str, list[dict[str, Any]]]:
    """Return the versions, oldest first, by logical subject (a topic's logical name)."""
    versions_by_subject = {}
    for folder in files("schemas").joinpath("avro").iterdir():
        if folder.is_dir():
            versions = sorted(folder.iterdir(), key=lambda file: file.name)
            versions_by_subject[folder.name] = [
                json.loads(v.read_text()) for v in versions if v.name.endswith(".avsc")
            ]
    return versions_by_subject


@cache
def state_schemas(name: str) -> list[dict[str, Any]]:
    """Return the versions, oldest first, of a table's values under one kind of key; not in the registry."""
    folder = files("schemas").joinpath("state", name)
    versions = sorted(folder.iterdir(), key=lambda file: file.name)
    return [json.loads(v.read_text()) for v in versions if v.name.endswith(".avsc")]


def newest(subject: str) -> dict[str, Any]:
    """Return the newest version of a subject."""
    return subjects()[subject][-1]


def client(access: Access, *, timeout_s: int = 10, retries: int = 3) -> SchemaRegistryClient:
    """Return a client of the configured registry. Raises AddressMissing."""
    if isinstance(access, Settings):
        access.require("schema_registry_url")
    return SchemaRegistryClient({**connection(access), "timeout": timeout_s, "max.retries": retries})


def connection(access: Access) -> dict[str, Any]:
    """Return the options of the client that find the registry and log in to it. They hold the secrets."""
    options: dict[str, Any] = {
        "url": access.schema_registry_url,
        "ssl.ca.location": access.schema_registry_ssl_ca,
        "ssl.certificate.location": access.schema_registry_ssl_certificate,
        "ssl.key.location": access.schema_registry_ssl_key,
    }
    if access.schema_registry_username:
        password = access.schema_registry_password.get_secret_value()
        options["basic.auth.user.info"] = f"{access.schema_registry_username}:{password}"
    options = {option: value for option, value in options.items() if value}
    if access.schema_registry_url.startswith("http://"):
        # No TLS, and no redirect is followed: to read the authorities would take 0.035 s.
        options["ssl.ca.location"] = False
    return options


def registry_subject(subject: str) -> str:
    """Return the subject's name in the registry."""
    return f"{subject}-value"


@contextmanager
def answering(**about: Any) -> Iterator[None]:
    """Turn what the client raises for a registry that is away or fails into RegistryUnreachable.

    Its refusals (HTTP 4xx) stay what they are: what they mean depends on the question.
    """
    try:
        yield
    except SchemaRegistryError as error:
        if error.http_status_code < SERVER_ERROR and error.http_status_code != TOO_MANY:
            raise
        raise RegistryUnreachable(str(error), **about) from error
    except httpx.HTTPError as error:
        raise RegistryUnreachable(repr(error), **about) from error


def register(
    registry: SchemaRegistryClient, chosen: Mapping[str, list[dict[str, Any]]] | None = None
) -> dict[str, int]:
    """Register all versions in order; return the ids of the newest.

    A deploy step, never a side effect of producing. Raises SchemaRefused when a version cannot read all
    versions before it, and RegistryUnreachable.
    """
    ids = {}
    for subject, versions in (chosen or subjects()).items():
        name = registry_subject(subject)
        with answering(subject=subject):
            registry.set_compatibility(name, "BACKWARD_TRANSITIVE")
            for version in versions:
                try:
                    ids[subject] = registry.register_schema(name, Schema(json.dumps(version), "AVRO"))
                except SchemaRegistryError as error:
                    if error.http_status_code not in REFUSALS:
                        raise
                    raise SchemaRefused(subject, answer=error.error_message) from error
    return ids


def known_ids(registry: SchemaRegistryClient) -> dict[str, int]:
    """Return the ids of the newest version of each subject. Raises SchemasMissing and RegistryUnreachable."""
    ids = {}
    for subject, versions in subjects().items():
        wanted = Schema(json.dumps(versions[-1]), "AVRO")
        try:
            with answering(subject=subject):
                registered = registry.lookup_schema(registry_subject(subject), wanted)
        except SchemaRegistryError as error:
            raise SchemasMissing(subject, answer=error.error_message) from error
        if registered.schema_id is None:
            raise SchemasMissing(subject)
        ids[subject] = registered.schema_id
    return ids
