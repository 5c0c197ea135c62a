"""What all services over HTTP share: the server, the guard in front of an application, errors as problems."""


class Unavailable(Exception):
    """The service cannot answer now: a server that it needs is away"""
