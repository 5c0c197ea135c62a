"""Reasons why a page gives no records. Each class is one reason of the dead-letter queue."""

from songnodes.errors import Poison


class EmptyBody(Poison):
    """The page has no body"""

    reason = "empty"


class BinaryBody(Poison):
    """The page is not text"""

    reason = "binary"


class Blocked(Poison):
    """The site answered with something in place of the page"""

    reason = "blocked"


class ForwardingPage(Blocked):
    """The site answered with its forwarding page: it shows the real title and address, and no rows"""

    reason = "blocked_forwarding"


class LimitPage(Blocked):
    """The site answered that this address is limited"""

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


class OtherPage(Poison):
    """The body is another page than the one it was stored as"""

    reason = "other_page"


class NotJson(Poison):
    """The body should be JSON and is not"""

    reason = "not_json"


class ApiError(Poison):
    """The API answered with an error, whatever the status"""

    reason = "api_error"


class UnexpectedShape(Poison):
    """The answer lacks what answers of this kind always have"""

    reason = "unexpected_shape"


class MissingPage(Poison):
    """The site has no such page"""

    reason = "missing"


class RenderedPage(Poison):
    """The page is rendered HTML, which this site's parser does not read"""

    reason = "rendered"
    remedy = "Fetch the page through the site's API, which gives its wikitext"


class NoContext(Poison):
    """The answer does not say what was asked, nor does its address"""

    reason = "no_context"
    remedy = "Store it with the address that the source module gives for this request"


class NoParser(Poison):
    """No parser reads pages of this kind yet"""

    reason = "no_parser"
