"""Addresses of the servers and the credentials of their clients, from the environment.

Secrets are left out of every repr and of the errors of pydantic. Files name PEM certificates and keys.
PostgreSQL's own variables (PGPASSWORD, PGPASSFILE, PGSSLMODE, PGSSLROOTCERT, PGSSLCERT, PGSSLKEY) apply to
what an address leaves out: both drivers read them.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

ADDRESSES = ("kafka_bootstrap", "database_url", "redis_url", "schema_registry_url")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

SecurityProtocol = Literal["", "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class Access(BaseModel):
    """Access of clients to the four servers. The variable of a field is its name in upper case."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, hide_input_in_errors=True, extra="ignore")

    kafka_bootstrap: str = Field("", validation_alias="KAFKA_BOOTSTRAP")
    #: Empty: SASL where a user is named, TLS where an authority or a certificate is.
    kafka_security_protocol: SecurityProtocol = Field("", validation_alias="KAFKA_SECURITY_PROTOCOL")
    #: Empty: PLAIN.
    kafka_sasl_mechanism: SaslMechanism = Field("", validation_alias="KAFKA_SASL_MECHANISM")
    kafka_sasl_username: str = Field("", validation_alias="KAFKA_SASL_USERNAME")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), validation_alias="KAFKA_SASL_PASSWORD")
    kafka_ssl_ca: str = Field("", validation_alias="KAFKA_SSL_CA")
    kafka_ssl_certificate: str = Field("", validation_alias="KAFKA_SSL_CERTIFICATE")
    kafka_ssl_key: str = Field("", validation_alias="KAFKA_SSL_KEY")
    kafka_ssl_key_password: SecretStr = Field(SecretStr(""), validation_alias="KAFKA_SSL_KEY_PASSWORD")

    #: Of the role that reads and writes rows.
    database_url: str = Field("", validation_alias="DATABASE_URL", repr=False)
    #: Of the role that owns the tables; `database_url` if empty.
    database_owner_url: str = Field("", validation_alias="DATABASE_OWNER_URL", repr=False)
    #: Of the role that reads bronze, silver, gold and views; only shown by `songnodes env`.
    database_analyst_url: str = Field("", validation_alias="DATABASE_ANALYST_URL", repr=False)

    redis_url: str = Field("", validation_alias="REDIS_URL", repr=False)
    redis_username: str = Field("", validation_alias="REDIS_USERNAME")
    redis_password: SecretStr = Field(SecretStr(""), validation_alias="REDIS_PASSWORD")
    redis_ssl_ca: str = Field("", validation_alias="REDIS_SSL_CA")
    redis_ssl_certificate: str = Field("", validation_alias="REDIS_SSL_CERTIFICATE")
    redis_ssl_key: str = Field("", validation_alias="REDIS_SSL_KEY")

    schema_registry_url: str = Field("", validation_alias="SCHEMA_REGISTRY_URL", repr=False)
    schema_registry_username: str = Field("", validation_alias="SCHEMA_REGISTRY_USERNAME")
    schema_registry_password: SecretStr = Field(SecretStr(""), validation_alias="SCHEMA_REGISTRY_PASSWORD")
    schema_registry_ssl_ca: str = Field("", validation_alias="SCHEMA_REGISTRY_SSL_CA")
    schema_registry_ssl_certificate: str = Field("", validation_alias="SCHEMA_REGISTRY_SSL_CERTIFICATE")
    schema_registry_ssl_key: str = Field("", validation_alias="SCHEMA_REGISTRY_SSL_KEY")

    @property
    def owner_url(self) -> str:
        """The address for migrations."""
        return self.database_owner_url or self.database_url

    def access(self) -> "Access":
        """Return these fields alone, as a key of a cache may be."""
        return Access.model_construct(**{name: getattr(self, name) for name in Access.model_fields})

    def plain(self) -> dict[str, str]:
        """Return the fields that are set, by name, secrets as text: for files and processes of the user."""
        values = {name: plain_value(getattr(self, name)) for name in Access.model_fields}
        return {name: text for name, text in values.items() if text}

    def environment(self) -> dict[str, str]:
        """Return the variables that give another process the same access."""
        return {name.upper(): text for name, text in self.plain().items()}

    def with_access(self, access: "Access", *servers: str) -> Self:
        """Return a copy that reaches these servers (names of `ADDRESSES`; none: all) as `access` does.

        All fields of a server are taken, empty ones too: credentials of two servers never mix.
        """
        fields = [name for server in servers or ADDRESSES for name in FIELDS[server]]
        return self.model_copy(update={name: getattr(access, name) for name in fields})


def plain_value(value: Any) -> str:
    """Return the text of a field's value."""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


_PREFIX = {
    "kafka_bootstrap": "kafka_",
    "database_url": "database_",
    "redis_url": "redis_",
    "schema_registry_url": "schema_registry_",
}
#: Address -> all fields of its server.
FIELDS: Mapping[str, tuple[str, ...]] = {
    server: tuple(name for name in Access.model_fields if name.startswith(prefix))
    for server, prefix in _PREFIX.items()
}
#: Every variable that names a server or logs in to one. None belongs into the environment of a server, which
#: may run as another user.
VARIABLES = frozenset(name.upper() for name in Access.model_fields) | {"PGPASSWORD", "REDISCLI_AUTH"}


def without_access(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that neither name a server nor log in to one."""
    return {name: text for name, text in environment.items() if name not in VARIABLES}


def place(server: str, address: str) -> tuple[str, int, str] | None:
    """Return host, port and database of an address, loopback under one name; None where it has none."""
    try:
        if server == "kafka_bootstrap":
            host, _, port = address.rpartition(":")
            number, path = int(port), ""
        else:
            parts = urlsplit(address)
            host, number, path = parts.hostname or "", parts.port or 0, parts.path.strip("/")
    except ValueError:
        return None
    if not host or not number:
        return None
    host = host.strip("[]").lower()
    return ("loopback" if host in LOOPBACK else host, number, path)
