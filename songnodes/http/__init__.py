"""Parts of all services over HTTP: the server, the guard in front of an application, errors as problems."""


class Unavailable(Exception):
    """The service cannot answer now: a server that it needs is away"""
