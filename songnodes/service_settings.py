"""Settings of the services over HTTP."""

from pydantic import BaseModel, Field, SecretStr


class ServiceSettings(BaseModel):
    """Settings of the enrichment service; variables are SONGNODES_ and the name in upper case."""

    #: `songnodes up` starts the service.
    service_on: bool = False
    #: Address that the service listens on. Other addresses than loopback need a token.
    service_host: str = "127.0.0.1"
    service_port: int = Field(8020, ge=1, le=65535)
    #: Bearer token that every request must have; empty for none.
    service_token: SecretStr = SecretStr("")
