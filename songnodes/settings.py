"""Settings of every process, from the environment, checked at start.

Four addresses select the servers (`KAFKA_BOOTSTRAP`, `DATABASE_URL`, `REDIS_URL`,
`SCHEMA_REGISTRY_URL`), further variables how clients log in to them (`songnodes.access`). Where an address is
not set, or is that of an embedded server of the data directory, the access that `songnodes up` keeps there is
used. Everything else begins with `SONGNODES_`.
"""

import json
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from songnodes.access import ADDRESSES, FIELDS, Access, place
from songnodes.errors import UserError
from songnodes.provider_settings import ProviderSettings
from songnodes.service_settings import ServiceSettings

Stage = Literal["parse", "silver", "gold"]
#: In the order of the flow.
STAGES: tuple[str, ...] = get_args(Stage)

ADDRESS_FILE = "addresses.json"
MIN_BLOCK_HOLD_S = 3600.0


class AddressMissing(UserError):
    """No address is known for a server"""

    remedy = "Start the embedded servers with `songnodes up`, or set the variable"


class InvalidAddressFile(UserError):
    """The file of the embedded servers' addresses cannot be read"""

    remedy = "`songnodes up` writes it again"


class Settings(BaseSettings, Access, ProviderSettings, ServiceSettings):
    """All settings. Times are seconds, sizes bytes."""

    # An error about one setting must not show the password of another.
    model_config = SettingsConfigDict(
        env_prefix="SONGNODES_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    home: Path = Path(".songnodes")
    #: A name that separates one pipeline from others on the same servers: prefix of topics and groups.
    namespace: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    #: Loopback port of the metrics page of this process; 0 for none.
    metrics_port: int = Field(0, ge=0, le=65535)

    parse_version: int = Field(1, ge=1)
    silver_version: int = Field(1, ge=1)
    gold_version: int = Field(1, ge=1)

    #: Where a site can reach the operator: an address or URL, part of the User-Agent. Sites that
    #: require it are not crawled without it.
    contact: str = ""
    #: Sources that are crawled though they ship switched off: ["1001tracklists", "ra"].
    crawl: tuple[str, ...] = ()
    #: Crawler processes that `songnodes up` starts, which fetch the pages due by the schedule; 0 for none.
    crawlers: int = Field(0, ge=0, le=16)
    #: Headers of every request to a site, over our own; for an operator who has reasons.
    request_headers: dict[str, str] = Field(default_factory=dict)
    #: Simulated sites: host -> base URL on loopback. If set, no other host is contacted at all.
    sites: dict[str, str] = Field(default_factory=dict)
    #: Seconds between two requests to a simulated site; its robots.txt may require more.
    site_pause: float = Field(0.05, ge=0)
    #: Host -> seconds between two requests, where that is longer than the source's own pause.
    pauses: dict[str, float] = Field(default_factory=dict)
    #: Requests to one host within any 24 hours.
    daily_budget: int = Field(2000, ge=0)
    #: A span of the day in UTC without requests to sites, "23:00-06:30"; empty for none.
    quiet_hours: str = Field("", pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$")
    #: Cooldown of a host after a 403, a captcha or a limit page; doubled by the next.
    block_hold: float = Field(7200.0, ge=0)
    #: Pages whose rows are there only after their scripts ran, by source and kind: ["1001tracklists:dj"].
    scripted: frozenset[str] = frozenset()
    #: The Chromium that renders pages which need scripts; empty for the first one found on the PATH.
    chromium: str = ""

    #: Let the embedded broker use both compilers of Java, for load that lasts longer than 3 minutes.
    kafka_second_compiler: bool = False
    #: Copies of each partition of the topics that `songnodes topics apply` creates; 3 on a cluster.
    replication_factor: int = Field(1, ge=1)
    #: Copies that must have a record before it is acknowledged; 2 on a cluster, 0 for the broker's default.
    min_insync_replicas: int = Field(0, ge=0)

    #: Seconds between two commits of a stage under load, at most; it commits every second while it keeps up.
    commit_interval: float = Field(5.0, gt=0)
    #: A worker without a heartbeat for so long has lost its partitions; it exits after three fifths of the
    #: time, so that its earlier writes are delivered before.
    session_timeout: float = Field(10.0, ge=6)
    #: Which of several workers of one stage on this machine; each has a data directory of its own.
    worker_slot: str = "0"

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("sites")
    @classmethod
    def _on_loopback(cls, sites: dict[str, str]) -> dict[str, str]:
        for host, base in sites.items():
            parts = urlsplit(base)
            if parts.scheme != "http" or parts.path.strip("/") or not _is_loopback(parts.hostname):
                raise ValueError(f"{host}: {base} is no http://127.0.0.1:PORT")
        return {host.lower(): base.rstrip("/") for host, base in sites.items()}

    @field_validator("quiet_hours")
    @classmethod
    def _not_the_whole_day(cls, span: str) -> str:
        start, _, stop = span.partition("-")
        if span and start == stop:
            raise ValueError(f"{span} begins and ends at once")
        return span

    @model_validator(mode="after")
    def _enough_replicas(self) -> "Settings":
        if self.min_insync_replicas > self.replication_factor:
            raise ValueError("min_insync_replicas: no more than replication_factor")
        return self

    @model_validator(mode="after")
    def _hours_after_a_block(self) -> "Settings":
        if not self.sites and self.block_hold < MIN_BLOCK_HOLD_S:
            raise ValueError("block_hold: the cooldown of a real site is at least an hour")
        return self

    def version_of(self, stage: str) -> int:
        """Return the version of a stage's application: part of its group, state and topics."""
        return int(getattr(self, f"{stage}_version"))

    def require(self, *names: str) -> "Settings":
        """Return the settings. Raises AddressMissing if one of these addresses (default: all) is not set."""
        for name in names or ADDRESSES:
            if not getattr(self, name):
                raise AddressMissing(name.upper(), home=self.home)
        return self


def _is_loopback(host: str | None) -> bool:
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def load() -> Settings:
    """Return the settings of this process: the environment, then the access to embedded servers.

    An address in the environment that is one of an embedded server of this data directory, in whichever role,
    is replaced by the access stored there: `songnodes env` prints the analyst's. Raises InvalidAddressFile.
    """
    settings = Settings()
    kept = stored_access(settings.home)
    if kept is None:
        return settings
    access, embedded = kept
    servers = [
        server
        for server in ADDRESSES
        if not getattr(settings, server)
        or (server in embedded and is_same(server, getattr(settings, server), getattr(access, server)))
    ]
    return settings.with_access(access, *servers) if servers else settings


def is_same(server: str, address: str, other: str) -> bool:
    """Return True if two addresses are the same database of the same server."""
    return place(server, address) is not None and place(server, address) == place(server, other)


def stored_access(home: Path) -> tuple[Access, frozenset[str]] | None:
    """Return the access stored in a data directory and the names of its embedded servers; None without it.

    Raises InvalidAddressFile.
    """
    file = home / ADDRESS_FILE
    try:
        kept = json.loads(file.read_text())
        embedded = frozenset(kept.pop("embedded", ()))
        return Access(**{name: kept[name] for name in kept if name in NAMES}), embedded
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InvalidAddressFile(str(file)) from error


NAMES = frozenset(name for names in FIELDS.values() for name in names)


@cache
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return load()
