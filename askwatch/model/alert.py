"""Words of alerts and deliveries."""

from enum import StrEnum


class AlertState(StrEnum):
    """Where the decision to tell one expert about one lead stands."""

    PLANNED = "planned"
    HELD_QUIET = "held_quiet"
    QUEUED = "queued"
    NOTIFIED = "notified"
    SEEN = "seen"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SNOOZED = "snoozed"
    TIMED_OUT = "timed_out"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    UNDELIVERABLE = "undeliverable"


# An alert in one of these still waits for its expert.
LIVE_ALERT_STATES = frozenset(
    {
        AlertState.PLANNED,
        AlertState.HELD_QUIET,
        AlertState.QUEUED,
        AlertState.NOTIFIED,
        AlertState.SEEN,
        AlertState.SNOOZED,
    }
)


class DeliveryState(StrEnum):
    """Where one try to bring an alert over one channel stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED_TEMP = "failed_temp"
    FAILED_PERM = "failed_perm"
    STALE = "stale"


class Channel(StrEnum):
    """How an expert can be reached."""

    INBOX = "inbox"
    EMAIL = "email"


class DeclineReason(StrEnum):
    """Why an expert said "not for me"; each teaches something else (ROUTING: learning)."""

    NOT_MY_TOPIC = "not_my_topic"
    BUSY = "busy"
    NOT_WORTH_IT = "not_worth_it"
    NOT_A_LEAD = "not_a_lead"


class TimerKind(StrEnum):
    """What falls due."""

    REPLAN = "replan"
    DELIVERY_DEADLINE = "delivery_deadline"
    ALERT_TIMEOUT = "alert_timeout"
    REMIND = "remind"
    UNSNOOZE = "unsnooze"
    CLAIM_WARNING = "claim_warning"
    CLAIM_LEASE = "claim_lease"
    EXPIRE = "expire"
    OUTCOME_CHECK = "outcome_check"
