"""Options of Redis clients."""

from typing import Any
from urllib.parse import urlsplit

from songnodes.access import Access

TLS_SCHEME = "rediss"


def options(access: Access) -> dict[str, Any]:
    """Return keyword arguments for `Redis.from_url`: login and TLS. They hold the secret.

    The address overrides them.
    """
    arguments: dict[str, Any] = {
        "username": access.redis_username,
        "password": access.redis_password.get_secret_value(),
    }
    if urlsplit(access.redis_url).scheme == TLS_SCHEME:
        arguments |= {
            "ssl_ca_certs": access.redis_ssl_ca,
            "ssl_certfile": access.redis_ssl_certificate,
            "ssl_keyfile": access.redis_ssl_key,
        }
    return {name: value for name, value in arguments.items() if value}
