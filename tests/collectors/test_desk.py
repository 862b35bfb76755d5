"""The desk: posts that colleagues bring, and nothing that is taken gets lost."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from askwatch.bus.base import Bus, NewRecord, Producer
from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock
from askwatch.errors import (
    BackendUnavailableError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
)
from askwatch.events import PostKind
from askwatch.model.ids import ExpertId
from askwatch.model.source import SourceKind
from askwatch.settings import Settings
from askwatch.state import hand_ins, sources
from askwatch.state.engine import Database
from askwatch.state.hand_ins import HAND_IN_SOURCE, HandIn
from collectors.desk import Desk
from tests.collectors.builders import NOW, find_row, read_stream

ANNA, BO = ExpertId("anna"), ExpertId("bo")
PAGE = "https://forum.example/t/1"
TEXT = "Kender nogen en god revisor i Aarhus, der kan tage en lille forening?"


@pytest.fixture
def desk(
    database: Database, bus: SqliteBus, settings: Settings, clock: ManualClock
) -> Iterator[Desk]:
    opened = Desk(database=database, bus=bus, settings=settings, clock=clock)
    yield opened
    opened.close()


def find(database: Database, hand_in_id: str) -> HandIn:
    return database.read(lambda tx: hand_ins.find(tx, hand_in_id))


class FailingBus:
    """A bus whose producers fail until told otherwise; everything else is the real one's."""

    def __init__(self, bus: Bus) -> None:
        self._bus, self.is_down = bus, True

    def producer(self) -> Producer:
        return FailingProducer(self, self._bus.producer())

    def __getattr__(self, name: str) -> object:
        return getattr(self._bus, name)


class FailingProducer:
    def __init__(self, bus: FailingBus, producer: Producer) -> None:
        self._bus, self._producer = bus, producer

    def produce(self, stream: str, records: Sequence[NewRecord]) -> None:
        if self._bus.is_down:
            raise BackendUnavailableError("bus", "down")
        self._producer.produce(stream, records)

    def close(self) -> None:
        self._producer.close()


def test_a_post_with_its_text_goes_to_the_stream_at_once(
    desk: Desk, database: Database, bus: SqliteBus
) -> None:
    handed = desk.hand_in(ANNA, url=PAGE, title="Revisor?", text=TEXT + "\x00")
    assert handed.state == "received"
    (record,) = read_stream(bus)
    assert record.kind is PostKind.OBSERVED
    assert record.post is not None
    assert (record.source_id, record.post_id) == (HAND_IN_SOURCE, handed.hand_in_id)
    assert (record.post.title, record.post.text) == ("Revisor?", TEXT)
    assert (record.post.url, record.post.handed_in_by) == (PAGE, ANNA)
    row = find_row(database, HAND_IN_SOURCE)
    assert row.source.kind is SourceKind.HAND_IN
    assert (row.status.posts_read, row.status.last_post_at) == (1, NOW)


def test_a_bare_link_waits_to_be_fetched(desk: Desk, database: Database, bus: SqliteBus) -> None:
    handed = desk.hand_in(ANNA, url=f" {PAGE} ", title="A page's title, which is no text")
    assert handed.state == "fetching"
    assert [each.url for each in database.read(hand_ins.take_fetching)] == [PAGE]
    assert read_stream(bus) == []


def test_a_link_of_a_closed_site_asks_for_its_text(desk: Desk, database: Database) -> None:
    handed = desk.hand_in(ANNA, url="https://www.linkedin.com/posts/1")
    assert handed.state == "needs_text"
    assert find(database, handed.hand_in_id).reason.startswith("LinkedIn does not let")


def test_a_link_asks_for_its_text_while_pages_are_not_read(desk: Desk, database: Database) -> None:
    desk.hand_in(ANNA, url="", text=TEXT)
    database.write(lambda tx: sources.set_paused(tx, HAND_IN_SOURCE, is_paused=True, now=NOW))
    assert desk.hand_in(ANNA, url=PAGE).state == "needs_text"


def test_a_link_handed_in_twice_by_one_person_is_the_same_hand_in(
    desk: Desk, database: Database, bus: SqliteBus
) -> None:
    first = desk.hand_in(ANNA, url=PAGE)
    assert desk.hand_in(ANNA, url="https://FORUM.example/t/1#reply") == first
    assert desk.hand_in(BO, url=PAGE).hand_in_id != first.hand_in_id
    # Bringing the text later is welcome, and bringing it again changes nothing.
    assert desk.hand_in(ANNA, url=PAGE, text=TEXT).state == "received"
    assert desk.hand_in(ANNA, url=PAGE, text=TEXT + " Igen!").state == "received"
    assert [record.post_id for record in read_stream(bus)] == [first.hand_in_id]


def test_many_threads_that_bring_the_same_make_one_hand_in(desk: Desk, bus: SqliteBus) -> None:
    with ThreadPoolExecutor(8) as pool:
        handed = list(pool.map(lambda _: desk.hand_in(ANNA, url=PAGE, text=TEXT), range(16)))
    assert len(set(handed)) == 1
    assert len({record.event_id for record in read_stream(bus)}) == 1


def test_a_text_without_a_link_is_enough(desk: Desk, bus: SqliteBus) -> None:
    handed = desk.hand_in(ANNA, url="", title="Kender nogen", text="en VVS'er?")
    assert handed.state == "received"
    assert desk.hand_in(ANNA, url="", title="Kender nogen", text="en VVS'er?") == handed
    assert {record.post_id for record in read_stream(bus)} == {handed.hand_in_id}


@pytest.mark.parametrize(
    ("url", "text", "said"),
    [
        ("", "", "bring a link"),
        ("", "kort", "bring a link"),
        ("", "?!" * 40, "bring a link"),
        ("", "\x00\x01 \n" * 40, "bring a link"),
        ("javascript:alert(1)", TEXT, "web address"),
        ("https://", TEXT, "web address"),
        ("https://[::1", TEXT, "web address"),
        ("https://example.com:99999/", TEXT, "web address"),
        ("https://anna:secret@example.com/", TEXT, "web address"),
        ("https://example.com/a b", TEXT, "web address"),
        ("https://example.com/\x00", TEXT, "web address"),
        ("https://example.com/" + "a" * 2_000, TEXT, "more than 2000"),
        (PAGE, "a" * 1_000_000, "1000000 characters"),
    ],
)
def test_what_cannot_be_a_post_is_refused_with_what_to_do(
    desk: Desk, database: Database, url: str, text: str, said: str
) -> None:
    with pytest.raises(InvalidRequestError, match=said):
        desk.hand_in(ANNA, url=url, text=text)
    assert database.read(lambda tx: hand_ins.list_for_expert(tx, ANNA)) == []


def test_a_bus_that_is_down_leaves_a_hand_in_that_asks_for_its_text(
    database: Database, bus: SqliteBus, settings: Settings, clock: ManualClock
) -> None:
    failing = FailingBus(bus)
    desk = Desk(database=database, bus=failing, settings=settings, clock=clock)  # type: ignore[arg-type]  # __getattr__ gives the rest
    with pytest.raises(BackendUnavailableError):
        desk.hand_in(ANNA, url=PAGE, text=TEXT)
    (kept,) = database.read(lambda tx: hand_ins.list_for_expert(tx, ANNA))
    assert (kept.state, kept.reason) == (
        "needs_text",
        "the text did not get through: bring it again",
    )
    failing.is_down = False
    assert desk.hand_in(ANNA, url=PAGE, text=TEXT).hand_in_id == kept.hand_in_id
    assert find(database, kept.hand_in_id).state == "received"
    assert len(read_stream(bus)) == 1
    desk.close()


def test_the_text_may_come_later(desk: Desk, database: Database, bus: SqliteBus) -> None:
    handed = desk.hand_in(ANNA, url="https://www.linkedin.com/posts/1")
    desk.supply_text(handed.hand_in_id, ANNA, text=TEXT)
    assert find(database, handed.hand_in_id).state == "received"
    assert [record.post.text for record in read_stream(bus) if record.post] == [TEXT]
    with pytest.raises(ConflictError, match="there already"):
        desk.supply_text(handed.hand_in_id, ANNA, text=TEXT)


def test_a_text_is_taken_only_from_who_brought_the_link(desk: Desk) -> None:
    handed = desk.hand_in(ANNA, url=PAGE)
    with pytest.raises(NotFoundError):
        desk.supply_text(handed.hand_in_id, BO, text=TEXT)
    with pytest.raises(NotFoundError):
        desk.supply_text("nothing", ANNA, text=TEXT)
    with pytest.raises(InvalidRequestError, match="15 letters"):
        desk.supply_text(handed.hand_in_id, ANNA, text="kort")


def test_withdrawing_says_on_the_stream_that_the_post_is_gone(
    desk: Desk, database: Database, bus: SqliteBus
) -> None:
    handed = desk.hand_in(ANNA, url=PAGE, text=TEXT)
    for _ in range(2):
        desk.withdraw(handed.hand_in_id, ANNA)
    assert find(database, handed.hand_in_id).state == "withdrawn"
    observed, *deleted = read_stream(bus)
    assert {record.kind for record in deleted} == {PostKind.DELETED}
    assert len({record.event_id for record in deleted}) == 1
    assert deleted[0].key == observed.key
    assert deleted[0].revision > observed.revision


def test_nobody_withdraws_what_another_brought(desk: Desk, database: Database) -> None:
    handed = desk.hand_in(ANNA, url=PAGE, text=TEXT)
    with pytest.raises(NotFoundError):
        desk.withdraw(handed.hand_in_id, BO)
    assert find(database, handed.hand_in_id).state == "received"


def test_a_withdrawn_post_takes_no_text_but_can_be_brought_again(desk: Desk) -> None:
    first = desk.hand_in(ANNA, url=PAGE)
    desk.withdraw(first.hand_in_id, ANNA)
    with pytest.raises(ConflictError, match="took this post back"):
        desk.supply_text(first.hand_in_id, ANNA, text=TEXT)
    again = desk.hand_in(ANNA, url=PAGE, text=TEXT)
    assert again.hand_in_id != first.hand_in_id
    assert again.state == "received"


def test_the_desk_loads_no_scrapy() -> None:
    program = "import sys, collectors.desk; sys.exit('scrapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
