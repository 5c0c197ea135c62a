"""`POST /enrich`: enrichment of tracks over HTTP, with the request and response of data-flow.md."""
