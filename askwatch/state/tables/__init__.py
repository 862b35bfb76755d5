"""All tables; importing this module registers every one of them."""

from askwatch.state.tables.company import experts, policies, seen_posts, sources, topics
from askwatch.state.tables.leads import (
    alerts,
    deliveries,
    hand_ins,
    lead_bands,
    lead_links,
    leads,
    timers,
    tombstones,
)
from askwatch.state.tables.learning import (
    adaptations,
    backtests,
    feedback,
    lead_features,
    rejected_posts,
)
from askwatch.state.tables.operations import (
    api_keys,
    audit,
    dead_letters,
    handled,
    idempotency_keys,
    leases,
    outbox,
    processes,
    sessions,
    sign_in_links,
    suppression,
)
from askwatch.state.types import metadata

__all__ = [
    "adaptations",
    "alerts",
    "api_keys",
    "audit",
    "backtests",
    "dead_letters",
    "deliveries",
    "experts",
    "feedback",
    "hand_ins",
    "handled",
    "idempotency_keys",
    "lead_bands",
    "lead_features",
    "lead_links",
    "leads",
    "leases",
    "metadata",
    "outbox",
    "policies",
    "processes",
    "rejected_posts",
    "seen_posts",
    "sessions",
    "sign_in_links",
    "sources",
    "suppression",
    "timers",
    "tombstones",
    "topics",
]
