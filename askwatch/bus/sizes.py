"""Refuses records that no broker would take."""

from collections.abc import Sequence

from askwatch.bus.base import RECORD_LIMIT_BYTES, NewRecord
from askwatch.errors import RecordTooLargeError


def check_sizes(records: Sequence[NewRecord]) -> None:
    """Raise RecordTooLargeError when one of `records` is above the limit."""
    for record in records:
        size_bytes = len(record.value)
        if size_bytes > RECORD_LIMIT_BYTES:
            raise RecordTooLargeError(record.key, size_bytes, RECORD_LIMIT_BYTES)
