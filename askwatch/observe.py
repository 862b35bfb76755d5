"""Logs and every metric name: one JSON line a log record, never a post's text or an author."""

import logging
import sys
from datetime import UTC, datetime
from typing import Literal

import orjson
from prometheus_client import Counter, Gauge, Histogram

# What a plain log record has; everything else came in by `extra`.
_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
}

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)

# Collect
POSTS_READ = Counter("askwatch_posts_read", "Posts read and acknowledged", ["source"])
SOURCE_ERRORS = Counter("askwatch_source_errors", "Failed reads of a source", ["source", "reason"])
POSTS_REFUSED = Counter("askwatch_posts_refused", "Posts refused at the door", ["source", "reason"])
POST_AGE = Histogram(
    "askwatch_post_age_seconds", "Publication to observation", ["source"], buckets=_SECONDS
)
# Understand
POSTS_UNDERSTOOD = Counter("askwatch_posts_understood", "Posts classified", ["lang", "lane"])
UNDERSTAND_SECONDS = Histogram(
    "askwatch_understand_seconds", "Time to classify one batch", buckets=_SECONDS
)
SECOND_OPINIONS_ASKED = Counter(
    "askwatch_second_opinions_asked", "Posts given to the second reader", ["reader"]
)
SECOND_OPINIONS = Counter(
    "askwatch_second_opinions", "Unsure posts by what came of asking", ["reader", "result"]
)
SECOND_OPINION_SECONDS = Histogram(
    "askwatch_second_opinion_seconds", "Time one second opinion took", ["reader"],
    buckets=_SECONDS,
)  # fmt: skip
MISS_RATE = Gauge(
    "askwatch_miss_rate", "Share of rejected posts that ask for something", ["bound"],
    multiprocess_mode="livemostrecent",
)  # fmt: skip
REJECTED_MARKED = Gauge(
    "askwatch_rejected_marked", "Rejected posts that people have looked at",
    multiprocess_mode="livemostrecent",
)  # fmt: skip
# Route
LEADS = Counter("askwatch_leads", "Leads by what happened to them", ["event"])
ALERTS = Counter("askwatch_alerts", "Alerts by the state they reached", ["state"])
DELIVERIES = Counter("askwatch_deliveries", "Delivery attempts by result", ["channel", "result"])
DELIVERY_SECONDS = Histogram(
    "askwatch_delivery_seconds", "Time one delivery attempt took", ["channel"], buckets=_SECONDS
)
POST_TO_ALERT_SECONDS = Histogram(
    "askwatch_post_to_alert_seconds", "Post observed to first alert sent", ["source"],
    buckets=_SECONDS,
)  # fmt: skip
TIMERS_FIRED = Counter("askwatch_timers_fired", "Timers that fell due", ["kind", "result"])
TIMER_DELAY_SECONDS = Histogram(
    "askwatch_timer_delay_seconds", "Due time to firing", ["kind"], buckets=_SECONDS
)
# Every worker
RECORDS_HANDLED = Counter("askwatch_records_handled", "Records handled", ["process", "stream"])
RECORDS_RETRIED = Counter("askwatch_records_retried", "Retries of a batch", ["process", "stream"])
DEAD_LETTERS = Counter("askwatch_dead_letters", "Records given up", ["process", "stream"])
HANDLE_SECONDS = Histogram(
    "askwatch_handle_seconds", "Time to handle one batch", ["process"], buckets=_SECONDS
)
LAG_RECORDS = Gauge(
    "askwatch_lag_records", "Records not handled yet", ["process", "stream"],
    multiprocess_mode="livemax",
)  # fmt: skip
LAG_SECONDS = Gauge(
    "askwatch_lag_seconds", "Age of the oldest record not handled yet", ["process", "stream"],
    multiprocess_mode="livemax",
)  # fmt: skip
HEARTBEAT = Gauge(
    "askwatch_heartbeat_timestamp_seconds", "When a process last said it is alive", ["process"],
    multiprocess_mode="livemax",
)  # fmt: skip
OUTBOX_UNSENT = Gauge(
    "askwatch_outbox_unsent", "Outbox rows waiting for the relay", multiprocess_mode="livemax"
)
DOCUMENTS_PROJECTED = Counter("askwatch_documents_projected", "Leads written to the index")
# Serve
REQUESTS = Counter("askwatch_http_requests", "Requests served", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "askwatch_http_request_seconds", "Time to answer", ["route"], buckets=_SECONDS
)
LIVE_STREAMS = Gauge("askwatch_live_streams", "Open event streams", multiprocess_mode="livesum")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, event and the fields of `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
            **_extra_fields(record),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(entry, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class TextFormatter(logging.Formatter):
    """A readable line for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        fields = " ".join(f"{name}={value}" for name, value in _extra_fields(record).items())
        line = f"{at} {record.levelname:<7} {record.name}: {record.getMessage()} {fields}".rstrip()
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def configure_logging(level: str, log_format: Literal["auto", "json", "text"]) -> None:
    """Send all logs to standard error in one format."""
    is_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextFormatter() if is_text else JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These say at INFO what our own lines and metrics say already.
    for name in ("httpx", "kafka", "elastic_transport", "alembic", "scrapy", "uvicorn.access"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _extra_fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in record.__dict__.items() if name not in _STANDARD_FIELDS}
