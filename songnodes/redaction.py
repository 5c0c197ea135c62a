"""Texts as they may be shown: addresses without passwords, messages without secrets."""

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from songnodes.access import Access, plain_value

HIDDEN = "***"
#: Scheme, user and password of an address within a text. The password reaches to the last @ of the word.
LOGIN = re.compile(r"([a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s]*@", re.IGNORECASE)
#: A password as a parameter of an address or of a connection string, or as an option of a client.
PARAMETER = re.compile(r"\b((?:ssl|sasl\.)?password)(\s*=\s*)('[^']*'|[^\s&;,']+)", re.IGNORECASE)
#: Characters; a shorter secret would match ordinary words.
SHORTEST = 6


def without_password(address: str) -> str:
    """Return the address as it may be shown: without password and parameters."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    shown = f"{user}:{HIDDEN}" if colon else user
    return f"{scheme}://{shown}{at}{place.partition('?')[0].partition('#')[0]}"


def without_login(address: str) -> str:
    """Return an address without user and password."""
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def without_password_in(text: str) -> str:
    """Return a message with the passwords of addresses and connection strings in it left out."""
    return PARAMETER.sub(rf"\1\2{HIDDEN}", LOGIN.sub(rf"\1:{HIDDEN}@", text))


def secrets_of(access: Access) -> frozenset[str]:
    """Return the passwords, keys and tokens in the settings, as they may occur in a text."""
    values = (getattr(access, name) for name in type(access).model_fields)
    secrets = {plain_value(value) for value in values if isinstance(value, SecretStr)}
    for name in Access.model_fields:
        text = plain_value(getattr(access, name))
        if name.endswith("password"):
            secrets.add(text)
        elif name.endswith("url"):
            try:
                password = urlsplit(text).password or ""
            except ValueError:
                continue
            secrets |= {password, unquote(password)}
    return frozenset(secret for secret in secrets if len(secret) >= SHORTEST)


def without_secrets(text: str, secrets: Collection[str]) -> str:
    """Return a message without these secrets, and without the passwords of any address in it."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return without_password_in(text)
