"""The production bus: Kafka 4 through kafka-python."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import TopicAlreadyExistsError

from askwatch.bus.base import RECORD_LIMIT_BYTES, Consumer, Lag, NewRecord, Producer, Tail
from askwatch.bus.kafka_consumer import (
    READER_OPTIONS,
    KafkaGroupConsumer,
    KafkaTail,
    all_partitions,
)
from askwatch.bus.kafka_errors import translated
from askwatch.bus.sizes import check_sizes
from askwatch.bus.streams import partition_of
from askwatch.clock import Clock
from askwatch.errors import BackendUnavailableError

# kafka-python's producer has no memory bound of its own: we wait for acknowledgement this often.
_IN_FLIGHT_BYTES = 8 * 2**20
_ACKNOWLEDGE_TIMEOUT_S = 30.0
_REQUEST_TIMEOUT_MS = 15_000


class KafkaStreamProducer:
    """See `askwatch.bus.base.Producer`: idempotent, acknowledged by all in-sync replicas."""

    def __init__(self, servers: str, *, prefix: str) -> None:
        self._prefix = prefix
        with translated():
            self._producer = KafkaProducer(
                bootstrap_servers=servers.split(","),
                enable_idempotence=True,
                acks="all",
                compression_type="lz4",
                linger_ms=5,
                batch_size=128 * 1024,
                max_request_size=RECORD_LIMIT_BYTES + 100_000,
                delivery_timeout_ms=_ACKNOWLEDGE_TIMEOUT_S * 1000,
                request_timeout_ms=_REQUEST_TIMEOUT_MS,
                metrics_enabled=False,
            )

    def produce(self, stream: str, records: Sequence[NewRecord]) -> None:
        check_sizes(records)
        kafka_topic = self._prefix + stream
        with translated():
            count = len(self._producer.partitions_for(kafka_topic) or ())
            if not count:
                raise BackendUnavailableError("Kafka", f"there is no stream {stream!r}")
            waiting: list[Any] = []
            size_bytes = 0
            for record in records:
                waiting.append(self._send(kafka_topic, count, record))
                size_bytes += len(record.value)
                if size_bytes >= _IN_FLIGHT_BYTES:
                    self._await(waiting)
                    waiting, size_bytes = [], 0
            self._await(waiting)

    def close(self) -> None:
        with translated():
            self._producer.close(timeout=_ACKNOWLEDGE_TIMEOUT_S)

    def _send(self, kafka_topic: str, partitions: int, record: NewRecord) -> Any:
        return self._producer.send(
            kafka_topic,
            value=record.value,
            key=record.key.encode("utf-8", "surrogatepass"),
            headers=[(name, value.encode()) for name, value in record.headers.items()],
            partition=partition_of(record.key, partitions),
        )

    def _await(self, waiting: Sequence[Any]) -> None:
        for future in waiting:
            future.get(timeout=_ACKNOWLEDGE_TIMEOUT_S)


class KafkaBus:
    """See `askwatch.bus.base.Bus`. `prefix` lets several installations share a cluster."""

    def __init__(
        self, servers: str, *, prefix: str, partitions: int, retention_s: float, clock: Clock
    ) -> None:
        self._servers, self._prefix, self._clock = servers, prefix, clock
        self._partitions, self._retention_s = partitions, retention_s
        self._lock = threading.Lock()  # a Kafka client belongs to one thread at a time
        # Kept open: connecting anew takes far longer than a look at the lag.
        self._readers: dict[str | None, KafkaConsumer] = {}

    def ensure_streams(self, names: Sequence[str]) -> None:
        options = {
            "num_partitions": self._partitions,
            "configs": {
                "retention.ms": str(int(self._retention_s * 1000)),
                "max.message.bytes": str(RECORD_LIMIT_BYTES + 100_000),
            },
        }
        with translated():
            admin = KafkaAdminClient(bootstrap_servers=self._servers.split(","))
            try:
                for name in names:
                    self._create(admin, self._prefix + name, options)
            finally:
                admin.close()

    def producer(self) -> Producer:
        return KafkaStreamProducer(self._servers, prefix=self._prefix)

    def consumer(self, stream: str, *, group: str) -> Consumer:
        return KafkaGroupConsumer(
            self._servers,
            stream=stream,
            kafka_topic=self._prefix + stream,
            group=self._prefix + group,
        )

    def tail(self, stream: str, *, from_oldest: bool = False) -> Tail:
        return KafkaTail(
            self._servers,
            stream=stream,
            kafka_topic=self._prefix + stream,
            from_oldest=from_oldest,
        )

    def lag(self, stream: str, *, group: str) -> Lag:
        with self._reading(self._prefix + group) as consumer:
            return self._measure(consumer, stream)

    def size(self, stream: str) -> int:
        with self._reading(None) as consumer:
            partitions = all_partitions(consumer, self._prefix + stream)
            first = consumer.beginning_offsets(partitions)
            last = consumer.end_offsets(partitions)
        return sum(last[each] - first[each] for each in partitions)

    def trim(self) -> int:
        """Return 0: the broker drops old records by itself."""
        return 0

    def check(self) -> None:
        # By a connection of its own: an open one would not say that the broker is gone.
        with translated():
            self._open_reader(None).close()

    def close(self) -> None:
        with self._lock, translated():
            while self._readers:
                self._readers.popitem()[1].close(autocommit=False)

    @contextmanager
    def _reading(self, group: str | None) -> Iterator[KafkaConsumer]:
        """Lend the reader of `group` to one thread; one that fails is not used again."""
        with self._lock, translated():
            reader = self._readers.pop(group, None) or self._open_reader(group)
            try:
                yield reader
            except BaseException:
                reader.close(autocommit=False)
                raise
            self._readers[group] = reader

    def _create(self, admin: KafkaAdminClient, name: str, options: dict[str, Any]) -> None:
        try:
            admin.create_topics({name: options}, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            return

    def _open_reader(self, group: str | None) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self._servers.split(","),
            group_id=group,
            bootstrap_timeout_ms=_REQUEST_TIMEOUT_MS,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
            **READER_OPTIONS,
        )

    def _measure(self, consumer: KafkaConsumer, stream: str) -> Lag:
        partitions = all_partitions(consumer, self._prefix + stream)
        last = consumer.end_offsets(partitions)
        first = consumer.beginning_offsets(partitions)
        behind: dict[TopicPartition, int] = {}
        for partition in partitions:
            committed = consumer.committed(partition)
            position = max(first[partition], committed or 0)
            if last[partition] > position:
                behind[partition] = position
        if not behind:
            return Lag(records=0, age_s=0.0)
        count = sum(last[each] - position for each, position in behind.items())
        return Lag(records=count, age_s=self._oldest_age_s(consumer, behind))

    def _oldest_age_s(self, consumer: KafkaConsumer, behind: dict[TopicPartition, int]) -> float:
        consumer.assign(list(behind))
        for partition, position in behind.items():
            consumer.seek(partition, position)
        found = consumer.poll(timeout_ms=2_000, max_records=500)
        # What is assigned has its committed offset remembered, not asked for.
        consumer.unsubscribe()
        stamps: list[float] = [records[0].timestamp / 1000 for records in found.values() if records]
        if not stamps:
            return 0.0
        return max(0.0, self._clock.now().timestamp() - min(stamps))
