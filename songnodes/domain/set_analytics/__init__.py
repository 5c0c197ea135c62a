"""Analytics of one set: curves over its moments, transitions, shape, and its series. docs/gold.md."""

from songnodes.domain.set_analytics.analytics import SetAnalytics, analyse
from songnodes.domain.set_analytics.moments import Moment
from songnodes.domain.set_analytics.series import series_key

__all__ = ["Moment", "SetAnalytics", "analyse", "series_key"]
