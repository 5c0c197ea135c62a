"""Gateway of all calls to providers: cache, single flight, breaker, limit, request, retry, archive."""
