"""Errors of ingest and crawl. A refused file is listed with its reason before anything is produced."""

from songnodes.errors import UserError


class FileRefused(UserError):
    """The file cannot be a page"""


class FileTooLarge(FileRefused):
    """The file is larger than any page"""


class FileUnreadable(FileRefused):
    """The file cannot be read"""


class InvalidSidecar(FileRefused):
    """The file's .meta.json is not usable"""


class FetchInFuture(FileRefused):
    """The fetch time is in the future, so it would outrank later fetches"""

    remedy = "Give the true time with --fetched-at or in the .meta.json"


class NotAFile(FileRefused):
    """This is not a regular file"""

    remedy = "Only regular files and folders are read"


class EmptyName(UserError):
    """A file name is empty"""


class NoFiles(UserError):
    """There is no file to read"""


class NoSuchPath(UserError):
    """There is no such file or directory"""


class ContactRequired(UserError):
    """This site requires a contact address

    Attribute: source.
    """

    remedy = "Set SONGNODES_CONTACT to an address or a URL where you can be reached"
