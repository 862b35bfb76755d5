"""A member of a consumer group on Kafka, and a reader without a group."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from askwatch.bus.base import Record
from askwatch.bus.kafka_errors import translated
from askwatch.errors import BackendUnavailableError, FencedError

# Longer than any batch may take; kafka-python's five minutes would hide a stuck worker.
_POLL_INTERVAL_MS = 120_000
_SESSION_MS = 10_000
_HEARTBEAT_MS = 3_000
# The controller tells the brokers of a new topic within a second.
_PARTITIONS_PATIENCE_S = 15.0

# What every reader of ours says; auto-commit loses records, offset reset `latest` skips them.
READER_OPTIONS: Mapping[str, Any] = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "fetch_max_wait_ms": 50,
    "max_partition_fetch_bytes": 2 * 2**20,
    "fetch_max_bytes": 16 * 2**20,
    # How soon partitions that were added are noticed; kafka-python waits five minutes.
    "metadata_max_age_ms": 15_000,
    "metrics_enabled": False,
}


class KafkaGroupConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """See `askwatch.bus.base.Consumer`; kafka-python calls it back when partitions move."""

    def __init__(self, servers: str, *, stream: str, kafka_topic: str, group: str) -> None:
        self._stream = stream
        # Per partition: the next offset to commit of what was polled, and where that began.
        self._polled: dict[TopicPartition, tuple[int, int]] = {}
        self._lost: set[int] = set()
        self._is_paused = False
        with translated():
            self._consumer = KafkaConsumer(
                bootstrap_servers=servers.split(","),
                group_id=group,
                session_timeout_ms=_SESSION_MS,
                heartbeat_interval_ms=_HEARTBEAT_MS,
                max_poll_interval_ms=_POLL_INTERVAL_MS,
                **READER_OPTIONS,
            )
            # A member that joins before it knows of any partition is given none, and kept so
            # until its metadata is read again.
            wait_for_partitions(self._consumer, kafka_topic)
            self._consumer.subscribe(topics=[kafka_topic], listener=self)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Forget what was polled from partitions that go to another member."""
        for partition in revoked:
            if self._polled.pop(partition, None) is not None:
                self._lost.add(partition.partition)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Keep what is paused paused."""
        partitions = list(assigned)
        if self._is_paused and partitions:
            self._consumer.pause(*partitions)

    def poll(self, *, max_records: int, timeout_s: float) -> list[Record]:
        with translated():
            found = self._consumer.poll(timeout_ms=timeout_s * 1000, max_records=max_records)
        for partition, records in found.items():
            began = self._polled.get(partition, (0, records[0].offset))[1]
            self._polled[partition] = (records[-1].offset + 1, began)
        return to_records(self._stream, found)

    def commit(self) -> None:
        offsets = {
            partition: OffsetAndMetadata(offset, "", -1)
            for partition, (offset, _began) in self._polled.items()
        }
        lost, self._lost = self._lost, set()
        self._polled = {}
        if offsets:
            with translated():
                self._consumer.commit(offsets)
        if lost:
            raise FencedError(
                f"partitions {sorted(lost)} of {self._stream!r} were given to another member: "
                "their records are handled there"
            )

    def rewind(self) -> None:
        with translated():
            for partition, (_offset, began) in self._polled.items():
                self._consumer.seek(partition, began)
        self._polled = {}

    def pause(self) -> None:
        self._is_paused = True
        with translated():
            self._consumer.pause(*self._consumer.assignment())

    def resume(self) -> None:
        self._is_paused = False
        with translated():
            self._consumer.resume(*self._consumer.paused())

    def close(self) -> None:
        with translated():
            self._consumer.close(autocommit=False)


class KafkaTail:
    """See `askwatch.bus.base.Tail`."""

    def __init__(
        self, servers: str, *, stream: str, kafka_topic: str, from_oldest: bool = False
    ) -> None:
        self._stream = stream
        with translated():
            self._consumer = KafkaConsumer(
                bootstrap_servers=servers.split(","), group_id=None, **READER_OPTIONS
            )
            partitions = wait_for_partitions(self._consumer, kafka_topic)
            self._consumer.assign(partitions)
            # Fix the positions now: seek_to_end alone is only carried out by the first poll.
            find = self._consumer.beginning_offsets if from_oldest else self._consumer.end_offsets
            for partition, offset in find(partitions).items():
                self._consumer.seek(partition, offset)

    def poll(self, *, max_records: int, timeout_s: float) -> list[Record]:
        with translated():
            found = self._consumer.poll(timeout_ms=timeout_s * 1000, max_records=max_records)
        return to_records(self._stream, found)

    def close(self) -> None:
        with translated():
            self._consumer.close()


def all_partitions(consumer: KafkaConsumer, kafka_topic: str) -> list[TopicPartition]:
    """Return every partition of a topic, by number."""
    numbers = consumer.partitions_for_topic(kafka_topic) or ()
    return [TopicPartition(kafka_topic, number) for number in sorted(numbers)]


def wait_for_partitions(consumer: KafkaConsumer, kafka_topic: str) -> list[TopicPartition]:
    """Return every partition of a topic that may have been created a moment ago.

    Raises:
        BackendUnavailableError: The broker has known of none for a while.
    """
    retrying = Retrying(
        retry=retry_if_result(_is_empty),
        stop=stop_after_delay(_PARTITIONS_PATIENCE_S),
        wait=wait_fixed(0.2),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else [],
    )
    found: list[TopicPartition] = retrying(all_partitions, consumer, kafka_topic)
    if not found:
        raise BackendUnavailableError("Kafka", f"there is no stream {kafka_topic!r}")
    return found


def _is_empty(partitions: list[TopicPartition]) -> bool:
    return not partitions


def to_records(stream: str, found: Mapping[TopicPartition, Iterable[Any]]) -> list[Record]:
    """Return what kafka-python polled as records of ours."""
    return [
        Record(
            stream=stream,
            partition=raw.partition,
            offset=raw.offset,
            key=(raw.key or b"").decode("utf-8", "replace"),
            value=raw.value or b"",
            headers={name: value.decode("utf-8", "replace") for name, value in raw.headers or ()},
            appended_at=datetime.fromtimestamp(raw.timestamp / 1000, UTC),
        )
        for records in found.values()
        for raw in records
    ]
