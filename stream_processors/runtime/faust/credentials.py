"""Faust's credentials for the broker, from the settings that librdkafka uses."""

import ssl

from faust.auth import Credentials, SASLCredentials, SSLCredentials

from songnodes.access import Access
from songnodes.messaging.clients import SASL_PREFIX, SSL_SUFFIX, security_protocol


def credentials(access: Access) -> Credentials | None:
    """Return the credentials of Faust's consumer; None for a broker without login and TLS.

    Raises OSError and ssl.SSLError for files that are no certificates.
    """
    protocol = security_protocol(access)
    context = _context(access) if protocol.endswith(SSL_SUFFIX) else None
    if protocol.startswith(SASL_PREFIX):
        return SASLCredentials(
            username=access.kafka_sasl_username,
            password=access.kafka_sasl_password.get_secret_value(),
            mechanism=access.kafka_sasl_mechanism or "PLAIN",
            ssl_context=context,
        )
    return SSLCredentials(context) if context else None


def _context(access: Access) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=access.kafka_ssl_ca or None)
    if access.kafka_ssl_certificate:
        context.load_cert_chain(
            access.kafka_ssl_certificate,
            access.kafka_ssl_key or None,
            access.kafka_ssl_key_password.get_secret_value() or None,
        )
    return context
