"""Turns values of the domain into what columns hold."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from pydantic import BaseModel


def to_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with words as text and models as JSON."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
