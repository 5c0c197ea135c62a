"""Local servers in the wire formats of the metadata providers, over the invented catalogue.

`recordings` has the true values of every recording, `holdings` the part that each provider lists, with the
traps of real catalogues; one module per provider renders it as that provider's API does. `server` serves
them on loopback with the faults of `faults`, and records every arrival. `truth` is the expected result.
"""

from demo.providers.faults import CALM, Faults
from demo.providers.holdings import Holdings
from demo.providers.server import Arrival, Providers

__all__ = ["CALM", "Arrival", "Faults", "Holdings", "Providers"]
