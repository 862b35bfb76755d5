"""What every bus must do, whatever stands behind it."""

import signal

import pytest

from askwatch.bus import sqlite_consumer
from askwatch.bus.base import RECORD_LIMIT_BYTES, Bus, Consumer, NewRecord, Record, Tail
from askwatch.errors import BackendUnavailableError, FencedError, RecordTooLargeError
from tests.contracts.buses import STREAM, OpenBus

GROUP = "nlp"
# A killed member on Kafka is noticed after its session of ten seconds.
PATIENCE_S = 30.0


def produce(bus: Bus, *values: str, key: str = "a") -> None:
    producer = bus.producer()
    producer.produce(
        STREAM, [NewRecord(key, value.encode(), {"schema": "post/1"}) for value in values]
    )
    producer.close()


def read(consumer: Consumer | Tail, count: int) -> list[Record]:
    """Poll until `count` records came or the patience is over."""
    records: list[Record] = []
    for _ in range(int(PATIENCE_S / 0.25)):
        records += consumer.poll(max_records=500, timeout_s=0.25)
        if len(records) >= count:
            break
    return records


def values_of(records: list[Record]) -> list[str]:
    return [bytes(record.value).decode() for record in records]


def test_records_of_one_key_keep_their_order(open_bus: OpenBus) -> None:
    bus = open_bus()
    for number in range(50):
        produce(bus, f"a{number}", key="a")
        produce(bus, f"b{number}", key="b")
    consumer = bus.consumer(STREAM, group=GROUP)
    records = read(consumer, 100)
    consumer.close()
    for key in ("a", "b"):
        mine = [record for record in records if record.key == key]
        assert values_of(mine) == [f"{key}{number}" for number in range(50)]


def test_a_record_comes_back_as_it_was_sent(open_bus: OpenBus) -> None:
    bus = open_bus()
    produce(bus, "hej æøå", key="kilde/1")
    consumer = bus.consumer(STREAM, group=GROUP)
    (record,) = read(consumer, 1)
    consumer.close()
    assert (record.stream, record.key, record.headers) == (
        STREAM,
        "kilde/1",
        {"schema": "post/1"},
    )
    assert record.appended_at.tzinfo is not None


def test_a_record_is_read_again_until_it_is_committed(open_bus: OpenBus) -> None:
    bus = open_bus()
    produce(bus, "one", "two")
    first = bus.consumer(STREAM, group=GROUP)
    assert values_of(read(first, 2)) == ["one", "two"]
    first.close()
    second = bus.consumer(STREAM, group=GROUP)
    assert values_of(read(second, 2)) == ["one", "two"]
    second.commit()
    second.close()
    third = bus.consumer(STREAM, group=GROUP)
    assert third.poll(max_records=10, timeout_s=1.0) == []
    third.close()


def test_rewind_goes_back_to_the_last_commit(open_bus: OpenBus) -> None:
    bus = open_bus()
    produce(bus, "one")
    consumer = bus.consumer(STREAM, group=GROUP)
    read(consumer, 1)
    consumer.commit()
    produce(bus, "two")
    assert values_of(read(consumer, 1)) == ["two"]
    consumer.rewind()
    assert values_of(read(consumer, 1)) == ["two"]
    consumer.close()


def test_a_paused_member_reads_nothing_and_goes_on_later(open_bus: OpenBus) -> None:
    bus = open_bus()
    consumer = bus.consumer(STREAM, group=GROUP)
    consumer.poll(max_records=1, timeout_s=0.5)
    consumer.pause()
    produce(bus, "one")
    assert consumer.poll(max_records=1, timeout_s=0.5) == []
    consumer.resume()
    assert values_of(read(consumer, 1)) == ["one"]
    consumer.close()


def test_a_poll_returns_at_most_what_was_asked_for(open_bus: OpenBus) -> None:
    bus = open_bus()
    produce(bus, *map(str, range(20)))
    consumer = bus.consumer(STREAM, group=GROUP)
    seen: list[str] = []
    for _ in range(60):
        records = consumer.poll(max_records=7, timeout_s=0.5)
        assert len(records) <= 7
        seen += values_of(records)
        if len(seen) == 20:
            break
    consumer.close()
    assert seen == list(map(str, range(20)))


def test_two_groups_each_read_everything(open_bus: OpenBus) -> None:
    bus = open_bus()
    produce(bus, "one")
    for group in ("nlp", "audit"):
        consumer = bus.consumer(STREAM, group=group)
        assert values_of(read(consumer, 1)) == ["one"]
        consumer.commit()
        consumer.close()


def test_members_share_the_work_and_take_over_from_one_that_leaves(open_bus: OpenBus) -> None:
    bus = open_bus()
    first, second = bus.consumer(STREAM, group=GROUP), open_bus().consumer(STREAM, group=GROUP)
    shares: dict[int, set[str]] = {0: set(), 1: set()}
    for number in range(40):
        produce(bus, f"r{number}", key=f"key{number}")
        for index, member in enumerate((first, second)):
            found = member.poll(max_records=100, timeout_s=0.1)
            shares[index] |= set(values_of(found))
            member.commit()
        if number > 20 and shares[0] and shares[1]:
            break
    assert shares[0]
    assert shares[1]
    second.close()
    produce(bus, *(f"late{number}" for number in range(8)))
    for number in range(8):
        produce(bus, f"last{number}", key=f"key{number}")
    late = values_of(read(first, 16))
    first.close()
    assert {f"late{number}" for number in range(8)} <= set(late)
    assert {f"last{number}" for number in range(8)} <= set(late)


def test_nothing_is_lost_when_a_member_is_killed_before_its_commit(open_bus: OpenBus) -> None:
    bus = open_bus()
    produce(bus, "one")
    member = open_bus.start_member(GROUP)
    assert member.stdout is not None
    assert member.stdout.readline() == "one\n"
    member.send_signal(signal.SIGKILL)
    member.wait()
    survivor = bus.consumer(STREAM, group=GROUP)
    assert values_of(read(survivor, 1)) == ["one"]
    survivor.commit()
    survivor.close()


def test_a_zombies_commit_is_refused(open_bus: OpenBus, monkeypatch: pytest.MonkeyPatch) -> None:
    # On Kafka the session is the broker's matter, and lasts ten seconds.
    monkeypatch.setattr(sqlite_consumer, "SESSION_S", 2.0)
    bus = open_bus()
    produce(bus, "one")
    zombie = open_bus.start_member(GROUP)
    assert zombie.stdout is not None
    assert zombie.stdin is not None
    assert zombie.stdout.readline() == "one\n"
    zombie.send_signal(signal.SIGSTOP)
    heir = bus.consumer(STREAM, group=GROUP)
    assert values_of(read(heir, 1)) == ["one"]
    zombie.send_signal(signal.SIGCONT)
    zombie.stdin.write("commit\n")
    zombie.stdin.flush()
    assert zombie.stdout.readline() == "fenced\n"
    heir.commit()
    heir.close()


def test_a_lost_partition_is_told_at_the_next_commit(
    open_sqlite_bus: OpenBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_consumer, "SESSION_S", 0.5)
    bus = open_sqlite_bus()
    produce(bus, "one")
    zombie = bus.consumer(STREAM, group=GROUP)
    assert values_of(read(zombie, 1)) == ["one"]
    heir = bus.consumer(STREAM, group=GROUP)
    assert values_of(read(heir, 1)) == ["one"]
    with pytest.raises(FencedError, match="another member"):
        zombie.commit()
    heir.commit()
    produce(bus, "two")
    seen = values_of(zombie.poll(max_records=5, timeout_s=0.1)) + values_of(read(heir, 1))
    assert "one" not in seen
    zombie.close()
    heir.close()


def test_a_record_above_the_limit_is_refused_and_nothing_is_appended(open_bus: OpenBus) -> None:
    bus = open_bus()
    producer = bus.producer()
    big = NewRecord("big", b"x" * (RECORD_LIMIT_BYTES + 1))
    with pytest.raises(RecordTooLargeError, match="shorten its text") as caught:
        producer.produce(STREAM, [NewRecord("small", b"x"), big])
    producer.close()
    assert caught.value.size_bytes == RECORD_LIMIT_BYTES + 1
    assert bus.size(STREAM) == 0


def test_a_tail_from_the_oldest_sees_everything_and_what_comes_after(open_bus: OpenBus) -> None:
    bus = open_bus()
    produce(bus, "before")
    tail = bus.tail(STREAM, from_oldest=True)
    assert values_of(read(tail, 1)) == ["before"]
    produce(bus, "after")
    assert values_of(read(tail, 1)) == ["after"]
    tail.close()


def test_a_tail_sees_only_what_comes_after_it(open_bus: OpenBus) -> None:
    bus = open_bus()
    produce(bus, "before")
    tail = bus.tail(STREAM)
    assert tail.poll(max_records=10, timeout_s=0.5) == []
    produce(bus, "after")
    assert values_of(read(tail, 1)) == ["after"]
    tail.close()


def test_lag_counts_what_is_not_committed(open_bus: OpenBus) -> None:
    bus = open_bus()
    assert bus.lag(STREAM, group=GROUP).records == 0
    produce(bus, "one", "two", "three")
    lag = bus.lag(STREAM, group=GROUP)
    assert lag.records == 3
    assert lag.age_s >= 0.0
    consumer = bus.consumer(STREAM, group=GROUP)
    read(consumer, 3)
    consumer.commit()
    consumer.close()
    assert bus.lag(STREAM, group=GROUP).records == 0
    assert bus.lag(STREAM, group=GROUP).age_s == 0.0


def test_a_bus_that_answers_passes_its_check(open_bus: OpenBus) -> None:
    bus = open_bus()
    bus.check()
    assert bus.trim() == 0
    assert bus.size(STREAM) == 0


def test_an_unknown_stream_is_named(open_sqlite_bus: OpenBus) -> None:
    with pytest.raises(BackendUnavailableError, match="no stream 'nowhere'"):
        open_sqlite_bus().consumer("nowhere", group=GROUP)
