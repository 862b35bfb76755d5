"""Rows that tests of the API begin with; written straight to the tables."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, update

from askwatch.model.expert import Expert, Role
from askwatch.model.ids import ExpertId
from askwatch.state import experts, tables
from askwatch.state.engine import Database, Transaction

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TEXT = "Kender nogen en god VVS'er i Aarhus? Vi er 40 ansatte."


def make_expert(expert_id: str, *roles: Role, **changes: object) -> Expert:
    values: dict[str, object] = {
        "expert_id": expert_id,
        "name": expert_id.capitalize(),
        "email": f"{expert_id}@example.com",
        "roles": roles or (Role.EXPERT,),
    }
    return Expert.model_validate(values | changes)


def put_expert(database: Database, expert: Expert) -> None:
    database.write(lambda tx: experts.put_expert(tx, expert, now=NOW))


def put_lead(database: Database, lead_id: str = "lead-1", **changes: object) -> None:
    values: dict[str, object] = {
        "lead_id": lead_id, "state": "alerting", "epoch": 1, "revision": 3, "lane": "alert",
        "intent": "vendor_request", "probability": 0.9, "b2b_probability": 0.8, "lang": "da",
        "topic_id": "plumbing", "topics": [{"topic_id": "plumbing", "probability": 0.8}],
        "entities": [{"kind": "place", "text": "Aarhus", "start": 29, "end": 35, "value": ""}],
        "reasons": [
            {"kind": "ask", "text": "Kender nogen", "start": 0, "end": 12, "weight": 1.2}
        ],
        "urgency": "normal", "value": 0.5, "value_terms": {"b2b": 1.0}, "model": "test-1",
        "source_id": "feed",
        "post_id": f"post-{lead_id}", "post_revision": 1, "title": "", "text": TEXT,
        "url": "https://example.com/1", "author_name": "Mette", "author_url": "",
        "author_hash": "hash", "place": "r/aarhus", "published_at": NOW - timedelta(minutes=5),
        "observed_at": NOW, "found_at": NOW, "expires_at": NOW + timedelta(days=2),
        "updated_at": NOW,
    }  # fmt: skip
    database.write(lambda tx: tx.execute(insert(tables.leads).values(**(values | changes))))


def set_lead(transaction: Transaction, lead_id: str, changes: dict[str, object]) -> None:
    transaction.execute(
        update(tables.leads).where(tables.leads.c.lead_id == lead_id).values(changes)
    )


def put_alert(
    database: Database, expert_id: str, lead_id: str = "lead-1", **changes: object
) -> None:
    values: dict[str, object] = {
        "alert_id": f"alert-{lead_id}-{expert_id}"[:32], "lead_id": lead_id,
        "expert_id": ExpertId(expert_id), "state": "notified", "rung": 1, "epoch": 1,
        "score": 0.7, "terms": {"T": 0.7}, "because": [{"kind": "skill", "values": ["VVS"]}],
        "propensity": 0.9, "policy_version": 1, "model": "start-1",
        "local_day": date(2026, 3, 2), "planned_at": NOW, "notified_at": NOW,
    }  # fmt: skip
    database.write(lambda tx: tx.execute(insert(tables.alerts).values(**(values | changes))))
