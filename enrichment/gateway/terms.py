"""Terms of one configured provider: access, limits, retention, and the name of its account."""

import hashlib
from dataclasses import dataclass, field

from enrichment.gateway.account import Limits
from enrichment.types import Operation, Provider, ProviderAccess, Window
from songnodes.provider_settings import LATENESS_S

SEPARATOR = "|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A provider with its access; `windows` are the limits over all its operations, budgets included.

    `lateness_s` as in `Limits`.
    """

    provider: Provider
    access: ProviderAccess = field(repr=False)
    windows: tuple[Window, ...]
    retention_s: float | None = None
    lateness_s: float = LATENESS_S

    @property
    def account(self) -> str:
        """Return the name of the account: provider and a short digest of address and credentials.

        Other credentials are another account: a refused one does not disable it. 32 bits tell nothing about
        a secret.
        """
        credentials = sorted(self.access.credentials.items())
        text = repr((self.access.base_url, credentials)).encode()
        return f"{self.provider.name}{SEPARATOR}{hashlib.blake2b(text, digest_size=4).hexdigest()}"

    def limits(self, operation: Operation) -> Limits:
        """Return the limits of an operation."""
        return Limits(
            operation=operation.name,
            windows=operation.windows,
            all_windows=self.windows,
            timeout_s=operation.timeout_s,
            lateness_s=self.lateness_s,
        )
