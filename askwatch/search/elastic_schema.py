"""How documents lie in Elasticsearch: settings, mappings, and the body of one document."""

from typing import Any

from askwatch.search.analysis import COLUMNS
from askwatch.search.query import FACET_FIELDS
from askwatch.search.stored import StoredDocument

# Tokens come ready made, so that the same words are found as in the embedded index.
_TEXT = {"type": "text", "analyzer": "whitespace"}
_KEYWORD = {"type": "keyword"}


def text_field(column: str) -> str:
    """Return the field that holds a column of tokens."""
    return f"words_{column}"


MAPPINGS: dict[str, Any] = {
    "dynamic": "strict",
    # Tokens are only searched, never read: the database holds what they are made from.
    "_source": {"excludes": [text_field(column) for column in COLUMNS]},
    "properties": {
        "lead_id": _KEYWORD,
        "document": {"type": "object", "enabled": False},
        **dict.fromkeys(FACET_FIELDS, _KEYWORD),
        "probability": {"type": "double"},
        "value": {"type": "double"},
        # Microseconds: dates of Elasticsearch are coarser, or end in 1970 and 2262.
        "published_at": {"type": "long"},
        "found_at": {"type": "long"},
        **{text_field(column): _TEXT for column in COLUMNS},
    },
}


def make_settings(shards: int) -> dict[str, Any]:
    """Return the settings of a new index."""
    return {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        # Stated, or an index nobody searched for a while would no longer refresh by itself.
        "refresh_interval": "500ms",
    }


def make_body(document: StoredDocument) -> dict[str, Any]:
    """Return what is sent for one document."""
    return {
        "lead_id": document.lead_id,
        "document": document.fields,
        **document.values,
        "topic_ids": document.topic_ids,
        **document.numbers,
        **{
            text_field(column): tokens
            for column, tokens in zip(COLUMNS, document.columns, strict=True)
        },
    }
