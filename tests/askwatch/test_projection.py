"""The feed's index follows the database."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from askwatch.bus.base import NewRecord
from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock, SystemClock
from askwatch.errors import BackendUnavailableError, BadRecordError, FencedError
from askwatch.events import EVENTS, EventRecord
from askwatch.model.expert import Expert
from askwatch.model.ids import EventId, ExpertId, LeadId, PostId, SourceId, TopicId
from askwatch.model.lead import Entity, Intent, Lane, LeadState, Outcome, TopicScore
from askwatch.projection import Difference, compare, make_document, make_projection, reindex
from askwatch.search.query import LeadDocument, LeadQuery
from askwatch.search.sqlite import SqliteIndex
from askwatch.settings import Settings
from askwatch.state import dead_letters, experts, lead_writes, leads
from askwatch.state.engine import Database, Transaction
from askwatch.state.leads import LeadRow

PATIENCE_S = 15.0


def make_lead(lead_id: str, clock: ManualClock, **changes: object) -> LeadRow:
    now = clock.now()
    lead = LeadRow(
        lead_id=LeadId(lead_id), state=LeadState.NEW, epoch=1, revision=1, lane=Lane.ALERT,
        intent=Intent.VENDOR_REQUEST, probability=0.9, b2b_probability=0.8, lang="da",
        topic_id=TopicId("crm"),
        topics=(
            TopicScore(topic_id=TopicId("crm"), probability=0.9),
            TopicScore(topic_id=TopicId("erp"), probability=0.4),
        ),
        entities=(
            Entity(kind="product", text="CRM", start=0, end=3),
            Entity(kind="place", text="Århus", start=10, end=15, value="Aarhus"),
            Entity(kind="place", text="Odense", start=20, end=26),
        ),
        reasons=(), urgency="high", value=0.6, value_terms={"urgency": 1.0}, model="m1",
        source_id=SourceId("forum"),
        post_id=PostId(lead_id), post_revision=1, title="Nyt CRM?", text="Hvem kender en revisor",
        url="https://a.example/1", author_name="Anna", author_url="", author_hash="h",
        place="r/dk", published_at=now, observed_at=now, found_at=now, handed_in_by=None, rung=0,
        owner_id=None, claimed_at=None, answered_at=None, answer_url="", disclosed="",
        disclosure_reason="", outcome=None, final_reason="", first_alerted_at=None,
        expires_at=now + timedelta(days=2), closed_at=None, updated_at=now,
    )  # fmt: skip
    return replace(lead, **changes)  # type: ignore[arg-type]  # tests name fields that exist


class Bench:
    """Database, bus, index and what stands between them."""

    def __init__(self, path: Path, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.bus = SqliteBus(path / "bus.db", partitions=2, retention_s=3600.0, clock=SystemClock())
        self.bus.ensure_streams([EVENTS])
        self.index = SqliteIndex(path / "search.db", clock=clock)
        self.index.ensure()

    def add(self, *added: LeadRow) -> None:
        def write(transaction: Transaction) -> None:
            for lead in added:
                lead_writes.insert_lead(
                    transaction, lead, kind="lead.created", now=self.clock.now()
                )

        self.database.write(write)

    def change(self, lead_id: str, **changes: object) -> None:
        def write(transaction: Transaction) -> None:
            lead = leads.find_lead(transaction, LeadId(lead_id))
            lead_writes.update_lead(
                transaction, lead, kind="lead.changed", now=self.clock.now(), **changes
            )

        self.database.write(write)

    def hint(self, *lead_ids: str, revision: int = 1) -> None:
        producer = self.bus.producer()
        events = [
            EventRecord(
                event_id=EventId(lead_id), kind="lead.changed", at=self.clock.now(),
                lead_id=lead_id, revision=revision,
            )
            for lead_id in lead_ids
        ]  # fmt: skip
        producer.produce(EVENTS, [NewRecord(each.key, each.to_bytes()) for each in events])
        producer.close()

    def project(self) -> None:
        """Run the projection until it has read everything."""
        process = make_projection(
            database=self.database, bus=self.bus, index=self.index, clock=SystemClock(),
            settings=Settings(),
        )  # fmt: skip
        stop, waiting, clock = threading.Event(), threading.Event(), SystemClock()
        thread = threading.Thread(target=process.run, args=(stop,))
        thread.start()
        deadline_s = clock.monotonic() + PATIENCE_S
        while self.bus.lag(EVENTS, group="index").records and clock.monotonic() < deadline_s:
            waiting.wait(0.02)
        stop.set()
        thread.join(PATIENCE_S)
        assert self.bus.lag(EVENTS, group="index").records == 0

    def found(self, text: str = "", **filters: tuple[str, ...]) -> list[str]:
        page = self.index.search(LeadQuery(text=text, filters=filters, descending=False))
        return [hit.document.lead_id for hit in page.hits]

    def close(self) -> None:
        self.index.close()
        self.bus.close()


@pytest.fixture
def bench(tmp_path: Path, sqlite_database: Database, clock: ManualClock) -> Iterator[Bench]:
    bench = Bench(tmp_path, sqlite_database, clock)
    yield bench
    bench.close()


def test_a_document_says_what_the_feed_may_show(clock: ManualClock) -> None:
    lead = make_lead(
        "1",
        clock,
        state=LeadState.CLOSED,
        owner_id=ExpertId("mia"),
        outcome=Outcome.WON,
        revision=4,
    )
    assert make_document(lead, {ExpertId("mia"): "Mia"}) == LeadDocument(
        lead_id=LeadId("1"), revision=4, state="closed", lane="alert", intent="vendor_request",
        lang="da", topic_ids=("crm", "erp"), source_id="forum", place="r/dk", region="Aarhus",
        title="Nyt CRM?", text="Hvem kender en revisor", author_name="Anna",
        url="https://a.example/1", owner_id="mia", owner_name="Mia", outcome="won",
        urgency="high", probability=0.9, value=0.6, published_at=clock.now(),
        found_at=clock.now(),
    )  # fmt: skip


def test_a_lead_without_place_or_owner_has_none(clock: ManualClock) -> None:
    lead = make_lead("1", clock, entities=(Entity(kind="place", text="Oslo", start=0, end=4),))
    assert make_document(lead, {}).region == "Oslo"
    lead = make_lead("1", clock, entities=(), owner_id=ExpertId("left"))
    document = make_document(lead, {})
    assert (document.region, document.owner_id, document.owner_name) == ("", "left", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"state": LeadState.WITHDRAWN},
        {"state": LeadState.DISMISSED, "title": "", "text": ""},
    ],
)
def test_a_lead_whose_text_must_go_is_a_stub(
    clock: ManualClock, changes: dict[str, object]
) -> None:
    document = make_document(make_lead("1", clock, revision=3, **changes), {})
    state = str(changes["state"])
    assert document == LeadDocument(lead_id=LeadId("1"), revision=3, state=state)


def test_events_bring_rows_into_the_index(bench: Bench, clock: ManualClock) -> None:
    expert = Expert(expert_id=ExpertId("mia"), name="Mia Holm", email="mia@example.com")
    bench.database.write(lambda tx: experts.put_expert(tx, expert, now=clock.now()))
    bench.add(make_lead("1", clock), make_lead("2", clock), make_lead("3", clock))
    bench.change("2", state=LeadState.CLAIMED, owner_id=ExpertId("mia"))
    bench.hint("1", "2", "2", "1")
    bench.project()
    assert bench.found("revisorer") == ["1", "2"]
    (hit,) = bench.index.search(LeadQuery(filters={"owner_id": ("mia",)})).hits
    assert (hit.document.owner_name, hit.document.revision) == ("Mia Holm", 2)


def test_a_withdrawn_lead_is_gone_and_late_hints_do_not_bring_it_back(
    bench: Bench, clock: ManualClock
) -> None:
    bench.add(make_lead("1", clock))
    bench.hint("1")
    bench.project()
    bench.change("1", state=LeadState.WITHDRAWN, title="", text="", author_name="", url="")
    bench.hint("1", revision=2)
    bench.hint("1", revision=1)
    bench.project()
    assert bench.found("revisor") == []
    assert bench.found() == []
    assert bench.found(state=("withdrawn",)) == ["1"]


def test_a_row_that_is_no_longer_there_leaves_the_index(bench: Bench, clock: ManualClock) -> None:
    bench.index.put([make_document(make_lead("gone", clock), {})])
    bench.hint("gone")
    bench.project()
    assert bench.index.count() == 0


def test_a_record_that_is_no_event_goes_to_the_dead_letters(
    bench: Bench, clock: ManualClock
) -> None:
    bench.add(make_lead("1", clock))
    producer = bench.bus.producer()
    producer.produce(EVENTS, [NewRecord("x", b"not json")])
    producer.close()
    bench.hint("1")
    bench.project()
    assert bench.found() == ["1"]
    (letter,) = bench.database.read(dead_letters.list_letters)
    assert letter.reason.startswith("not a EventRecord record")


def test_the_index_is_built_anew_from_the_database(bench: Bench, clock: ManualClock) -> None:
    bench.index.put([make_document(make_lead("stale", clock), {})])
    bench.add(*(make_lead(f"{number:04}", clock) for number in range(1201)))
    bench.change("0000", state=LeadState.WITHDRAWN, title="", text="")
    progress: list[int] = []
    count = reindex(
        database=bench.database, index=bench.index, clock=clock, on_progress=progress.append
    )
    assert count == 1201
    assert progress == [500, 1000, 1201]
    assert bench.index.count() == 1201
    assert bench.index.search(LeadQuery(text="revisor")).total == 1200
    assert compare(database=bench.database, index=bench.index).is_none


def test_rows_that_change_while_the_index_is_built_are_in_it(
    bench: Bench, clock: ManualClock
) -> None:
    bench.add(*(make_lead(f"{number:04}", clock) for number in range(600)))

    def change_behind_the_page(done: int) -> None:
        if done == 500:
            clock.advance(60.0)
            bench.change("0001", text="Hvem kender en tømrer")
            # A second one is projected by the index process of another machine.
            bench.change("0002", text="Hvem kender en murer")
            row = bench.database.read(lambda tx: leads.find_lead(tx, LeadId("0002")))
            bench.index.put([make_document(row, {})])
            assert bench.found("murer") == ["0002"]

    reindex(
        database=bench.database, index=bench.index, clock=clock, on_progress=change_behind_the_page
    )
    assert bench.found("tømrer") == ["0001"]
    assert bench.found("murer") == ["0002"]
    assert compare(database=bench.database, index=bench.index) == Difference()


class FailingIndex(SqliteIndex):
    """An index that is away when the rebuild ends, and perhaps when it is abandoned."""

    is_away_at_the_end = False

    def put_rebuild(self, version: str, documents: Sequence[LeadDocument]) -> None:
        super().put_rebuild(version, documents)
        raise BadRecordError("lead 1: refused")

    def abandon_rebuild(self, version: str) -> None:
        if self.is_away_at_the_end:
            raise BackendUnavailableError("the index", "away")
        super().abandon_rebuild(version)


@pytest.mark.parametrize("is_away", [False, True])
def test_a_rebuild_that_fails_leaves_the_old_index(
    bench: Bench, clock: ManualClock, tmp_path: Path, is_away: bool
) -> None:
    bench.add(make_lead("1", clock))
    bench.index.put([make_document(make_lead("old", clock), {})])
    failing = FailingIndex(tmp_path / "search.db", clock=clock)
    failing.is_away_at_the_end = is_away
    with pytest.raises(BadRecordError):
        reindex(database=bench.database, index=failing, clock=clock)
    failing.close()
    assert bench.found() == ["old"]
    assert reindex(database=bench.database, index=bench.index, clock=clock) == 1
    assert bench.found() == ["1"]


def test_of_two_rebuilds_the_later_one_wins(bench: Bench, clock: ManualClock) -> None:
    bench.add(make_lead("1", clock))
    with pytest.raises(FencedError):
        reindex(
            database=bench.database, index=bench.index, clock=clock,
            on_progress=lambda _count: bench.index.finish_rebuild(bench.index.begin_rebuild()),
        )  # fmt: skip


def test_differences_between_index_and_database_are_counted(
    bench: Bench, clock: ManualClock
) -> None:
    bench.add(make_lead("same", clock), make_lead("missing", clock), make_lead("stale", clock))
    for name in ("same", "stale", "surplus"):
        bench.index.put([make_document(make_lead(name, clock), {})])
    bench.change("stale", urgency="normal")
    bench.index.put([make_document(make_lead(f"s{number:03}", clock), {}) for number in range(300)])
    assert compare(database=bench.database, index=bench.index) == Difference(
        missing=1, stale=1, surplus=301
    )
