"""Settings of the services over HTTP."""

from pydantic import BaseModel, Field, SecretStr, field_validator

MIN_TOKEN_CHARS = 16


class ServiceSettings(BaseModel):
    """Settings of the enrichment service and the web; variables are SONGNODES_ and the name in upper case."""

    #: `songnodes up` starts the service.
    service_on: bool = False
    #: Address that the service listens on. Other addresses than loopback need a token.
    service_host: str = "127.0.0.1"
    service_port: int = Field(8020, ge=1, le=65535)
    #: Bearer token that every request must have; empty for none.
    service_token: SecretStr = SecretStr("")

    #: `songnodes up` starts the dashboard and the query API.
    web_on: bool = True
    #: Address that they listen on. Other addresses than loopback need a token.
    web_host: str = "127.0.0.1"
    #: 0: a free port, chosen once and kept in the data directory.
    web_port: int = Field(0, ge=0, le=65535)
    #: Token that every request must have: as a bearer token, or as the password that a browser asks for.
    web_token: SecretStr = SecretStr("")
    #: Token that a form must have to change something; empty: nothing can be changed from the dashboard.
    web_operator_token: SecretStr = SecretStr("")
    #: Names by which a browser reaches it on loopback, besides localhost: of a proxy, of a container.
    web_hosts: frozenset[str] = frozenset()
    #: PostgreSQL that is read instead of the pipeline's own: a replica.
    web_database_url: str = Field("", repr=False)
    #: Connections to PostgreSQL, at most.
    web_connections: int = Field(4, ge=1, le=100)

    @field_validator("web_operator_token")
    @classmethod
    def _long_enough(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token.get_secret_value()) < MIN_TOKEN_CHARS:
            raise ValueError(f"a token has at least {MIN_TOKEN_CHARS} characters")
        return token
