"""All metrics of all processes, each with its meaning. A page on loopback serves them.

Lag rising for minutes, a commit age over a minute under traffic, dead letters over half a percent, repeats
without a restart or a replay: these are worth an alarm.
"""

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from songnodes.settings import Settings

# A stage (Faust), per application. `partition` is topic[number].

#: Records up to the end of the log that are not processed yet.
LAG_RECORDS = Gauge("songnodes_lag_records", "Records not processed yet", ["app", "partition"])
#: Age of the record processed last, where there are newer ones; 0 where there are none.
LAG_SECONDS = Gauge("songnodes_lag_seconds", "How far behind the newest record", ["app", "partition"])
#: Above 0 something is wrong with the record being handled, or with the rule that handles it.
RECORD_SECONDS = Gauge("songnodes_record_seconds", "Time of the record being handled, once it is over 30 s")
#: Time since offsets of this process were committed, while something waits to be committed; else 0.
COMMIT_AGE = Gauge("songnodes_commit_age_seconds", "Time since the last commit with work waiting", ["app"])
#: How long the last commit took, from taking the offsets to the group's answer.
COMMIT_SECONDS = Histogram(
    "songnodes_commit_seconds",
    "Duration of a commit",
    ["app"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
#: Records handed to agents, dead letters included.
PROCESSED = Counter("songnodes_processed_total", "Records processed", ["app", "topic"])
#: Records that became dead letters, by the code of the reason.
DEAD_LETTERS = Counter(
    "songnodes_dead_letters_total", "Records moved to the dead letters", ["stage", "reason"]
)
#: Events at or below the offset applied last: expected after a crash and in a replay, and nowhere else.
REPEATS = Counter("songnodes_repeats_total", "Events that were applied before", ["table"])
#: Records fetched at once from one partition.
BATCH_SIZE = Histogram(
    "songnodes_batch_records", "Records fetched at once", ["app"], buckets=(1, 5, 25, 100, 500, 2000, 5000)
)
#: Where the time goes: "poll" waits for input, "work" runs agents, "capacity" waits for Kafka to accept
#: outputs.
SECONDS = Counter("songnodes_activity_seconds_total", "Time by activity", ["app", "activity"])
#: Changelog records left to read before the tables are complete.
RECOVERY_LEFT = Gauge("songnodes_recovery_records", "Changelog records left to recover", ["app"])
#: Changelog records of a worker that was no longer the owner; each was overruled.
FOREIGN_RECORDS = Counter("songnodes_foreign_changelog_total", "Stale changelog records overruled", ["app"])
#: Outputs that Kafka has not acknowledged yet.
OUTPUTS_WAITING = Gauge("songnodes_outputs_waiting", "Outputs not acknowledged yet", ["app"])
#: Resident memory of the process.
MEMORY = Gauge("songnodes_memory_bytes", "Resident memory", ["app"])

# Fetching, per host of a site.

#: Requests by how they ended: fetched, failed, limited (429), blocked (403, captcha, limit page). A single
#: block is worth an alarm: the host then cools down for hours.
FETCHES = Counter("songnodes_fetches_total", "Requests to sites", ["host", "ending"])
#: End of a host's cooldown, in seconds since 1970; in the past or 0 without one.
HOST_HELD_UNTIL = Gauge("songnodes_host_held_until_seconds", "Until when a host is left alone", ["host"])
#: Seconds waited for a request slot of a host.
FETCH_WAIT = Histogram(
    "songnodes_fetch_wait_seconds", "Time waited for a turn", ["host"], buckets=(0.01, 0.1, 0.5, 1, 5, 10, 30)
)
#: Seconds from sending a request to the end of its body.
FETCH_SECONDS = Histogram(
    "songnodes_fetch_seconds",
    "Duration of a request",
    ["host"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30),
)
#: Pages open in the browser: stays near 0, or pages leak.
BROWSER_PAGES = Gauge("songnodes_browser_pages", "Pages open in the browser")

# Crawling, per source.

#: Visits by how they ended: parsed, fetched (archived, not readable), unchanged, blocked, failed, retried,
#: held (no request was sent: the host is cooling down).
CRAWL_VISITS = Counter("songnodes_crawl_visits_total", "Visits of pages", ["source", "ending"])
#: From taking a page to writing down what became of it, waiting for the request slot included.
CRAWL_SECONDS = Histogram(
    "songnodes_crawl_visit_seconds",
    "Duration of a visit",
    ["source"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
)
#: Pages of the frontier by state, as the daemon saw them last.
FRONTIER_PAGES = Gauge("songnodes_frontier_pages", "Pages of the frontier", ["source", "state"])
#: Pages that are due and wait for a request slot of their host.
FRONTIER_DUE = Gauge("songnodes_frontier_due", "Pages that are due", ["source"])


# The resolver.

#: Records sent: resolutions of playlists, redirects of tracks.
RESOLVED = Counter("songnodes_resolved_total", "Resolutions and redirects sent", ["topic"])

# Refresh, per step.

#: Unix time of the last success: `time() - this` is the age of what the step computes.
REFRESH_SUCCEEDED = Gauge("songnodes_refresh_succeeded_seconds", "Time of a step's last success", ["step"])
#: Duration of the last success.
REFRESH_SECONDS = Gauge("songnodes_refresh_step_seconds", "Duration of a step's last success", ["step"])
#: Entries left to compute.
REFRESH_WAITING = Gauge("songnodes_refresh_waiting", "Entries a step has left", ["step"])
#: Failures, time limits included: other steps go on, so this is the only sign apart from the age.
REFRESH_FAILURES = Counter("songnodes_refresh_failures_total", "Failures of a step", ["step"])
#: Entities that failed twice and are passed over, by kind.
SET_ASIDE = Counter("songnodes_set_aside_total", "Entities passed over after two failures", ["kind"])

# The watch over the sites' pages.

#: Alarms without a review: anything but 0 is worth an alarm of its own.
DRIFT_OPEN = Gauge("songnodes_drift_open_alarms", "Open drift alarms", ["source", "kind"])
#: Pages held against the baseline of their source and kind.
DRIFT_OBSERVED = Counter("songnodes_drift_observed_total", "Pages observed", ["source", "kind"])

# Calls to providers of music data.

#: Requests sent, by outcome: hit, miss, ours (a fault of ours: worth an alarm), configuration, quota, busy,
#: broken.
GATEWAY_REQUESTS = Counter(
    "songnodes_gateway_requests_total", "Requests to providers", ["provider", "operation", "outcome"]
)
#: Questions answered, by status of the attempt; `cached` is yes or no.
GATEWAY_ANSWERS = Counter(
    "songnodes_gateway_answers_total",
    "Questions answered",
    ["provider", "operation", "status", "cached"],
)
#: Seconds from sending a request to the end of its body.
GATEWAY_SECONDS = Histogram(
    "songnodes_gateway_request_seconds",
    "Duration of a request to a provider",
    ["provider", "operation"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
#: Seconds waited for the start of a request: the limits, shared by all processes.
GATEWAY_WAIT = Histogram(
    "songnodes_gateway_wait_seconds",
    "Time waited for the start of a request",
    ["provider", "operation"],
    buckets=(0.01, 0.1, 0.5, 1, 5, 15, 60),
)
#: Starts that were missed by more than the limits allow, and moved: many mean a machine under load.
GATEWAY_LATE_STARTS = Counter("songnodes_gateway_late_starts_total", "Starts missed and moved")
#: 1 while Redis is away: limits are then divided by the number of processes, and nothing is cached.
GATEWAY_ALONE = Gauge("songnodes_gateway_alone", "1 while limits are not shared")

#: Requests for enrichment that are done, by ending: answered, unchanged (nothing to ask), postponed (moved to
#: a retry topic).
ENRICHED = Counter("songnodes_enriched_total", "Requests for enrichment done", ["ending"])
#: Archived answers withdrawn at the end of their provider's retention.
EXPIRED = Counter("songnodes_enrichment_expired_total", "Answers withdrawn by retention", ["provider"])
#: Tracks that wait for an answer, by topic of their request.
ENRICHING = Gauge("songnodes_enriching", "Tracks under way", ["topic"])

#: Rechecks done, by ending: found (an answer with values), missed, postponed (nothing was sent).
RECHECKS = Counter("songnodes_enrichment_rechecks_total", "Misses looked up again", ["ending"])
#: Tracks and artists of this process's partitions whose recheck is due, by kind: tracks, artists.
RECHECKS_DUE = Gauge("songnodes_enrichment_rechecks_due", "Subjects to look up again now", ["kind"])

# The service that enriches tracks on request.

#: Tracks enriched for a request, by status: completed, partial, not_found, failed.
SERVICE_TRACKS = Counter("songnodes_service_tracks_total", "Tracks enriched for a request", ["status"])
#: Seconds for one track.
SERVICE_SECONDS = Histogram(
    "songnodes_service_track_seconds",
    "Duration of the enrichment of one track",
    buckets=(0.01, 0.05, 0.25, 1, 5, 15, 60),
)


def serve(settings: Settings) -> None:
    """Serve the metrics of this process on `settings.metrics_port` of the loopback; nothing for port 0."""
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr="127.0.0.1")
