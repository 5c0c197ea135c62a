"""Whether a site has changed: what pages gave lately, held against what they gave before. Pure."""

from songnodes.domain.drift.observation import NEW, PARSED, USUAL, Observation, Share, Subject
from songnodes.domain.drift.watch import Breach, Watch

__all__ = ["NEW", "PARSED", "USUAL", "Breach", "Observation", "Share", "Subject", "Watch"]
