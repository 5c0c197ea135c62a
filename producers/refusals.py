"""Errors of ingest and crawl. A refused file is listed with its reason before anything is produced."""

from songnodes.errors import Fatal, Transient, UserError


class Refused(UserError):
    """The file cannot be a page"""


class TooBig(Refused):
    """The file is larger than any page"""


class Unreadable(Refused):
    """The file cannot be read"""


class BadSidecar(Refused):
    """The file's .meta.json is not usable"""


class FetchInFuture(Refused):
    """The fetch time is later than now: it would outrank every fetch to come"""

    remedy = "Give the true time with --fetched-at or in the .meta.json"


class NotAFile(Refused):
    """This is no regular file"""

    remedy = "Only regular files and folders are read"


class EmptyName(UserError):
    """A file name is empty"""


class NoFiles(UserError):
    """There is no file to read"""


class NoSuchPath(UserError):
    """There is no such file or directory"""


class KafkaDown(Transient):
    """Kafka does not answer"""

    remedy = (
        "`songnodes status` shows the servers; run the same command again, what is acked is not sent twice"
    )


class NotDelivered(Transient):
    """Kafka did not acknowledge a page"""

    remedy = "Run the command again: what is acked is not sent twice"


class LedgerDown(Transient):
    """PostgreSQL does not answer, so it is not known what was published before"""

    remedy = "`songnodes status` shows the servers; run the same command again, repeated pages change nothing"


class FrontierDown(Transient):
    """PostgreSQL does not answer, so it is not known which pages are to be fetched"""

    remedy = "`songnodes status` shows the servers; the same command goes on where it was"


class FrontierMissing(Fatal):
    """The tables of the frontier do not exist"""

    remedy = "Run `songnodes migrate`"


class ContactRequired(UserError):
    """This site requires a contact address

    Attribute: source.
    """

    remedy = "Set SONGNODES_CONTACT to an address or a URL where you can be reached"
