"""Recordings of a set at the cue of a row."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from queries.addresses import web_address

#: Hosts whose addresses take a time, and how.
TIMED_HOSTS: Mapping[str, str] = {
    "youtube.com": "{address}{separator}t={seconds}s",
    "youtu.be": "{address}{separator}t={seconds}s",
    "soundcloud.com": "{address}#t={minutes}:{rest:02}",
}


def playable(recordings: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Return the recordings with an address of the web, with the name of their host."""
    return [
        {**recording, "host": _host(address)}
        for recording in recordings or ()
        if (address := web_address(recording.get("url"))) is not None
    ]


def at_cue(recordings: Iterable[Mapping[str, Any]], seconds: int | None) -> str | None:
    """Return the address of the first recording that can be opened at a time; None for none."""
    if seconds is None:
        return None
    for recording in recordings:
        form = TIMED_HOSTS.get(_host(recording["url"]))
        if form is not None:
            address = str(recording["url"]).partition("#")[0]
            return form.format(
                address=address,
                separator="&" if "?" in address else "?",
                seconds=seconds,
                minutes=seconds // 60,
                rest=seconds % 60,
            )
    return None


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.").removeprefix("m.")
