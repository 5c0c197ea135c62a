"""Reasons why a page gives no records. Each class is one reason of the dead-letter queue."""

from songnodes.errors import Poison


class EmptyBody(Poison):
    """The page has no body"""

    reason = "empty"


class BinaryBody(Poison):
    """The page is not text"""

    reason = "binary"


class Blocked(Poison):
    """The site sent something in place of the page"""

    reason = "blocked"


class ForwardingPage(Blocked):
    """The site sent its forwarding page: it shows the real title and address, and no rows"""

    reason = "blocked_forwarding"


class LimitPage(Blocked):
    """The site sent a page that limits this address"""

    reason = "blocked_limit"


class DecoyPage(Blocked):
    """Most rows give different names in different places, as on the pages served to suspected robots"""

    reason = "decoy"


class TruncatedPage(Poison):
    """The page ends before its closing tag, so rows may be missing"""

    reason = "truncated"


class NotATracklist(Poison):
    """The page has no tracklist"""

    reason = "not_a_tracklist"


class NoRows(Poison):
    """The page has a tracklist without a single row"""

    reason = "no_rows"


class WrongPage(Poison):
    """The body is another page than the one it was stored as"""

    reason = "other_page"


class NotJson(Poison):
    """The body should be JSON and is not"""

    reason = "not_json"


class ApiError(Poison):
    """The API responded with an error, whatever the status"""

    reason = "api_error"


class UnexpectedShape(Poison):
    """The response lacks fields that every response of this kind has"""

    reason = "unexpected_shape"


class MissingPage(Poison):
    """The site has no such page"""

    reason = "missing"


class RenderedPage(Poison):
    """The page is rendered HTML, which this site's parser does not read"""

    reason = "rendered"
    remedy = "Fetch the page through the site's API, which gives its wikitext"


class QueryUnknown(Poison):
    """Neither the response nor its address names the query"""

    reason = "no_context"
    remedy = "Store it with the address that the source module gives for this request"


class NoParser(Poison):
    """No parser reads pages of this kind yet"""

    reason = "no_parser"
