"""Web addresses that pages gave: which of them may become a link."""

import re
from urllib.parse import urlsplit

#: Characters that XML 1.0 has no form for, and blanks: an address with one of them is none.
NOT_IN_ADDRESSES = re.compile("[^\\x21-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\\s")


def web_address(text: str | None) -> str | None:
    """Return an address if it is http or https with a host, else None."""
    if not text or NOT_IN_ADDRESSES.search(text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None
