"""Which streams there are, and which partition a key belongs to."""

from zlib import crc32

from askwatch.events import EVENTS, LEADS, POSTS

STREAMS = (POSTS, LEADS, EVENTS)


def partition_of(key: str, partitions: int) -> int:
    """Return the partition of `key`, in [0, partitions); the same on every machine."""
    return crc32(key.encode("utf-8", "surrogatepass")) % partitions
