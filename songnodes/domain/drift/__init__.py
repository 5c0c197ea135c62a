"""Detection of changed sites: recent pages compared with earlier ones. Pure."""

from songnodes.domain.drift.observation import NEW, PARSED, USUAL, Observation, Share, Subject
from songnodes.domain.drift.watch import Breach, Watch

__all__ = ["NEW", "PARSED", "USUAL", "Breach", "Observation", "Share", "Subject", "Watch"]
