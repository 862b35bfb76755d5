"""A believable company in a database: people, topics, sources, and questions in every state."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import insert, update

from askwatch.model.expert import Expert, Role
from askwatch.model.ids import ExpertId, LeadId, PostId, SourceId, TopicId
from askwatch.model.source import Permission, Source, SourceKind
from askwatch.model.topic import Topic
from askwatch.search.query import LeadDocument
from askwatch.state import experts, sources, tables, topics
from askwatch.state.engine import Database, Transaction
from askwatch.state.leads import list_page
from askwatch.state.processes import ProcessRow, put_process

TOPICS = {
    "identity": ("Identity and sign-on", "Identitet og login"),
    "hosting": ("Hosting in the EU", "Hosting i EU"),
    "accounting": ("Accounting", "Bogføring og revision"),
    "analytics": ("Data and analytics", "Data og analyse"),
    "recruiting": ("People for IT", "Folk til IT"),
}

PEOPLE = (
    Expert(
        expert_id=ExpertId("astrid"), name="Astrid Holm", email="astrid@example.com",
        team="Platform", title="Lead engineer", locale="en", topics=(TopicId("identity"),
        TopicId("hosting")), skills=("Keycloak", "OpenID Connect", "Kubernetes"),
        languages={"en": 1.0, "da": 1.0},
    ),
    Expert(
        expert_id=ExpertId("bo"), name="Bo Lindqvist", email="bo@example.com", team="Platform",
        title="Engineer", locale="da", topics=(TopicId("identity"),), languages={"da": 1.0},
    ),
    Expert(
        expert_id=ExpertId("clara"), name="Clara Skov", email="clara@example.com",
        team="Advisory", title="Adviser", locale="da", topics=(TopicId("accounting"),),
    ),
    Expert(
        expert_id=ExpertId("sanne"), name="Sanne Bruun", email="sanne@example.com",
        team="Sales", roles=(Role.EXPERT, Role.SALES), locale="da",
    ),
    Expert(
        expert_id=ExpertId("omar"), name="Omar Haddad", email="omar@example.com",
        team="Operations", roles=(Role.EXPERT, Role.OPS, Role.ADMIN),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """One question to put into the database."""

    lead_id: str
    text: str
    minutes: int
    topic: str | None
    lang: str = "da"
    state: str = "alerting"
    place: str = ""
    owner: str = ""
    title: str = ""
    reasons: tuple[tuple[str, str], ...] = ()
    chips: tuple[tuple[str, str], ...] = ()
    told: tuple[tuple[str, str], ...] = ()  # (expert, state)
    extra: dict[str, object] = field(default_factory=dict)


ASKS = (
    Ask(
        "11" * 16,
        "Nogen der har erfaring med at drive Keycloak i EU? Vi er 40 ansatte og skal væk fra "
        "vores amerikanske login inden sommer. Helst et firma i Aarhus, der også kan tage "
        "vagten om natten.",
        4, "identity", place="Bluesky",
        reasons=(("Nogen der har erfaring med at drive Keycloak i EU", "vendor_ask"),
                 ("Vi er 40 ansatte", "business"), ("skal væk fra vores", "complaint"),
                 ("Keycloak", "topic:identity")),
        chips=(("Keycloak", "product"), ("Aarhus", "place"), ("40 ansatte", "company_size"),
               ("inden sommer", "deadline")),
        told=(("astrid", "notified"), ("bo", "seen"), ("omar", "notified")),
    ),
    Ask(
        "12" * 16,
        "Can anyone recommend someone who can move our monitoring stack to a European provider "
        "without downtime? About 200 virtual machines, we would like to start in March.",
        23, "hosting", lang="en", place="r/sysadmin",
        reasons=(("Can anyone recommend someone", "vendor_ask"),
                 ("European provider", "topic:hosting")),
        chips=(("200 virtual machines", "company_size"), ("March", "deadline")),
        told=(("astrid", "seen"),),
        extra={"title": "Moving monitoring to Europe", "urgency": "high"},
    ),
    Ask(
        "13" * 16,
        "Hvem bruger I til single sign-on, når leverandøren ikke må ligge uden for EU? Tager "
        "gerne imod navne på konsulenter.",
        52, "identity", state="claimed", owner="astrid",
        reasons=(("Hvem bruger I", "vendor_ask"), ("single sign-on", "topic:identity")),
        chips=(("single sign-on", "product"), ("EU", "place")),
        told=(("astrid", "accepted"), ("bo", "superseded")),
    ),
    Ask(
        "14" * 16,
        "Søger en revisor, der forstår softwarefirmaer med abonnementer. Vores nuværende gør "
        "ikke. København eller online.",
        95, "accounting", state="claimed", owner="clara",
        reasons=(("Søger en revisor", "need"),), chips=(("København", "place"),),
        told=(("astrid", "superseded"), ("clara", "accepted")),
    ),
    Ask(
        "15" * 16,
        "Looking for a freelance data engineer for a three month project, dbt and Postgres, "
        "remote is fine. Who do you know?",
        180, "analytics", lang="en", state="pooled", place="Hacker News",
        reasons=(("Looking for a freelance data engineer", "hiring"),),
        chips=(("dbt", "product"), ("Postgres", "product"), ("data engineer", "role")),
        told=(("astrid", "timed_out"),),
    ),
    Ask(
        "16" * 16,
        "Er der nogen, der kan anbefale et sted at hoste vores intranet? Vi er en forening med "
        "12 ansatte.",
        60 * 26, "hosting", state="answered", owner="astrid",
        reasons=(("kan anbefale et sted", "vendor_ask"),),
        told=(("astrid", "accepted"),),
        extra={"answer_url": "https://example.com/answers/16", "disclosed": "yes"},
    ),
    Ask(
        "17" * 16,
        "Any suggestions for a company that does penetration tests of login systems?",
        60 * 51, "identity", lang="en", state="expired",
        told=(("astrid", "timed_out"),),
    ),
    Ask("18" * 16, "", 60 * 30, "identity", state="withdrawn", told=(("astrid", "superseded"),)),
    Ask(
        "19" * 16,
        "Vi overvejer et nyt system til løn. Er det noget, man selv bør sætte op?",
        40, "accounting", state="review",
        reasons=(("Er det noget, man selv bør", "vendor_ask"),),
    ),
)  # fmt: skip

MORE = (
    ("Kender nogen et bureau, der kan flytte 40 gamle servere til et dansk datacenter?", "hosting"),
    ("Which firm would you trust with a warehouse on BigQuery and tight deadlines?", "analytics"),
    ("Anbefalinger til en bogholder, der kan tage momsen for en lille webshop?", "accounting"),
    ("We need two Kubernetes people from February, part time. Where would you ask?", "recruiting"),
    ("Hvem kan hjælpe med login for borgere i en kommune? Udbud er på vej.", "identity"),
)


def fill(database: Database, now: datetime) -> None:
    """Write the company and its questions, as if the last days had happened."""
    database.write(lambda tx: _fill(tx, now))


def documents(database: Database) -> list[LeadDocument]:
    """Return what the index projection would write."""
    names = database.read(experts.find_names)
    rows = database.read(lambda tx: list_page(tx, after=LeadId(""), limit=500))
    return [
        LeadDocument(
            lead_id=row.lead_id, revision=row.revision, state=row.state.value,
            lane=row.lane.value, intent=row.intent.value, lang=row.lang,
            topic_ids=(row.topic_id,) if row.topic_id else (), source_id=row.source_id,
            place=row.place, region=next((e.text for e in row.entities if e.kind == "place"), ""),
            title=row.title, text=row.text, author_name=row.author_name, url=row.url,
            owner_id=row.owner_id or "", owner_name=names.get(row.owner_id, "")
            if row.owner_id else "", outcome=row.outcome or "", urgency=row.urgency,
            probability=row.probability, value=row.value, published_at=row.published_at,
            found_at=row.found_at,
        )
        for row in rows
    ]  # fmt: skip


def add_question(database: Database, ask: Ask, now: datetime) -> None:
    database.write(lambda tx: _add(tx, ask, now))


def judge_hand_in(database: Database, expert_id: str, *, lead_id: str) -> None:
    """Say what came of everything that somebody handed in."""
    database.write(
        lambda tx: tx.execute(
            update(tables.hand_ins)
            .where(tables.hand_ins.c.expert_id == expert_id)
            .values(state="found", lead_id=lead_id, verdict={"intent": "vendor_request"})
        )
    )


def _fill(transaction: Transaction, now: datetime) -> None:
    for topic_id, (name, danish) in TOPICS.items():
        topic = Topic(topic_id=TopicId(topic_id), name=name, names={"da": danish})
        topics.put_topic(transaction, topic, now=now)
    for person in PEOPLE:
        experts.put_expert(transaction, person, now=now)
    _add_sources(transaction, now)
    for ask in ASKS:
        _add(transaction, ask, now)
    for number in range(30):
        text, about = MORE[number % len(MORE)]
        state, owner = (("pooled", ""), ("answered", "bo"), ("answered", "clara"))[number % 3]
        lang = "en" if text.isascii() and " the " not in text and "?" in text else "da"
        _add(
            transaction,
            Ask(f"{number + 32:02x}" * 16, text, 200 + 47 * number, about, lang=lang,
                state=state, owner=owner),
            now,
        )  # fmt: skip
    _add_operations(transaction, now)


def _add(transaction: Transaction, ask: Ask, now: datetime) -> None:
    published = now - timedelta(minutes=ask.minutes)
    values: dict[str, object] = {
        "lead_id": ask.lead_id, "state": ask.state, "epoch": 1, "revision": 2,
        "lane": "review" if ask.state == "review" else "alert", "intent": "candidate_search"
        if ask.topic == "recruiting" else "vendor_request", "probability": 0.93,
        "b2b_probability": 0.88, "lang": ask.lang, "topic_id": ask.topic,
        "topics": [{"topic_id": ask.topic, "probability": 0.86}] if ask.topic else [],
        "entities": [_span(ask.text, text, kind=kind, value="") for text, kind in ask.chips],
        "reasons": [
            _span(ask.text, text, kind=kind, weight=-0.4 if kind == "complaint" else 1.4)
            for text, kind in ask.reasons
        ],
        "urgency": "normal", "value": 0.6, "model": "demo-1", "source_id": "bluesky",
        "post_id": ask.lead_id, "post_revision": 1, "title": "", "text": ask.text,
        "url": f"https://example.com/posts/{ask.lead_id[:4]}" if ask.text else "",
        "author_name": "@mette.dk" if ask.text else "", "author_url": "", "author_hash": "h",
        "place": ask.place, "published_at": published, "observed_at": published,
        "found_at": published + timedelta(seconds=4),
        "expires_at": published + timedelta(hours=48), "updated_at": now,
        "owner_id": ask.owner or None,
        "claimed_at": published + timedelta(minutes=9) if ask.owner else None,
        "answered_at": published + timedelta(minutes=31) if ask.state == "answered" else None,
        "first_alerted_at": published + timedelta(seconds=6) if ask.told else None,
    }  # fmt: skip
    # Offsets count in title and text together.
    title = str(ask.extra.get("title", ""))
    if title:
        for spans in ("entities", "reasons"):
            values[spans] = [
                span
                | {"start": span["start"] + len(title) + 2, "end": span["end"] + len(title) + 2}
                for span in values[spans]  # type: ignore[attr-defined]  # lists, as made above
            ]
    transaction.execute(insert(tables.leads).values(**(values | ask.extra)))
    for number, (expert, state) in enumerate(ask.told):
        transaction.execute(insert(tables.alerts).values(**_alert(ask, expert, state, number, now)))
    if ask.state == "claimed":
        transaction.execute(
            insert(tables.timers).values(
                aggregate=f"lead:{ask.lead_id}", kind="claim_lease", lead_id=ask.lead_id, epoch=1,
                due_at=now + timedelta(hours=1, minutes=20),
            )
        )  # fmt: skip


def _alert(ask: Ask, expert: str, state: str, number: int, now: datetime) -> dict[str, object]:
    planned = now - timedelta(minutes=ask.minutes) + timedelta(seconds=5)
    because: list[dict[str, object]] = [
        {"kind": "answers", "values": ["3", ask.topic]},
        {"kind": "language", "values": [ask.lang]},
        {"kind": "free", "values": []},
    ]
    return {
        "alert_id": f"{ask.lead_id[:24]}{number:08d}", "lead_id": ask.lead_id,
        "expert_id": expert, "state": state, "rung": 1, "epoch": 1, "score": 0.8 - number / 10,
        "terms": {"T": 0.8}, "because": because, "propensity": 0.9, "policy_version": 1,
        "model": "start-1", "local_day": now.date(), "planned_at": planned,
        "notified_at": planned + timedelta(seconds=2),
        "seen_at": planned + timedelta(minutes=1) if state in {"seen", "accepted"} else None,
    }  # fmt: skip


def _span(whole: str, text: str, **more: object) -> dict[str, object]:
    start = whole.index(text)
    return {"text": text, "start": start, "end": start + len(text), **more}


def _add_sources(transaction: Transaction, now: datetime) -> None:
    permission = Permission(
        permission_basis="public feed, terms allow reading", approved_by="Ida Krogh",
        approved_on=(now - timedelta(days=90)).date(),
        valid_until=(now + timedelta(days=9)).date(),
    )  # fmt: skip
    lasting = permission.model_copy(update={"valid_until": None})
    for source in (
        Source(source_id=SourceId("bluesky"), kind=SourceKind.FEED, name="Bluesky, nordic feed",
               url="https://example.com/bluesky.json", permission=lasting),
        Source(source_id=SourceId("forum"), kind=SourceKind.FEED, name="Iværksætterforum",
               url="https://example.com/forum.xml", permission=permission),
        Source(source_id=SourceId("jobs"), kind=SourceKind.FEED, name="Tender announcements",
               url="https://example.com/tenders.xml"),
        Source(source_id=SourceId("demo"), kind=SourceKind.REPLAY, name="Demonstration posts",
               permission=lasting, is_paused=True),
        Source(source_id=SourceId("hand-in"), kind=SourceKind.HAND_IN, name="Handed in",
               permission=lasting),
    ):  # fmt: skip
        sources.put_source(transaction, source, now=now)
    for source_id, state, posts, message in (
        ("bluesky", "idle", 18_240, ""),
        ("forum", "failing", 911, "https://example.com/forum.xml answered 503: tried again later"),
        ("jobs", "no_permission", 0, "add [sources.permission] to company.toml and apply it"),
    ):  # fmt: skip
        sources.report(
            transaction, SourceId(source_id),
            sources.Report(state=state, posts=posts, errors=3 if state == "failing" else 0,
                           message=message,
                           last_post_at=now - timedelta(minutes=2) if posts else None,
                           next_read_at=now + timedelta(minutes=5)),
            now=now - timedelta(seconds=40),
        )  # fmt: skip


def _add_operations(transaction: Transaction, now: datetime) -> None:
    for name, state, silent_s in (
        ("api", "running", 2), ("collectors", "running", 3), ("nlp", "running", 1),
        ("router", "running", 4), ("delivery", "running", 190), ("relay", "stopped", 400),
    ):  # fmt: skip
        put_process(
            transaction,
            ProcessRow(
                instance=f"{name}-host-{silent_s}", name=name, host="host", pid=100 + silent_s,
                state=state, started_at=now - timedelta(hours=5),
                beat_at=now - timedelta(seconds=silent_s), stats={"memory_mb": 143.2, "lag": 12},
            ),
        )  # fmt: skip
    transaction.execute(
        insert(tables.dead_letters).values(
            dead_letter_id="d" * 32, consumer_group="nlp", stream="posts", partition=2, offset=4711,
            key="forum/9", headers={"schema": "post/1"}, value=b"{", state="open",
            reason="not a PostRecord record: post.published_at: Field required",
            trace="Traceback (most recent call last):\n  nlp/stage.py, line 40", created_at=now -
            timedelta(minutes=14), updated_at=now,
        )
    )  # fmt: skip
    for number, (state, lead_id, verdict, url, reason) in enumerate((
        ("found", "12" * 16, {"intent": "vendor_request"}, "https://example.com/posts/1", ""),
        ("received", None, {}, "", ""),
        ("needs_text", None, {}, "https://www.linkedin.com/posts/mette-nielsen-123", ""),
        ("not_found", None, {"intent": "job_seeking"}, "https://example.com/groups/7/11", ""),
        ("withdrawn", None, {}, "https://example.com/groups/7/12", ""),
    )):  # fmt: skip
        transaction.execute(
            insert(tables.hand_ins).values(
                hand_in_id=f"{number}" * 32, expert_id="astrid", source_id="hand-in",
                post_id=PostId(f"h{number}"), url=url, state=state, reason=reason,
                lead_id=lead_id, verdict=verdict, created_at=now - timedelta(minutes=3 + number),
                updated_at=now,
            )
        )  # fmt: skip
