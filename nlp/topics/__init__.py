"""Topics: the ready-made packs, and which of the active topics a post is about."""

from nlp.topics.index import TopicIndex, builtin_index
from nlp.topics.meaning import Reading, TextEncoder
from nlp.topics.packs import OTHER_BUSINESS, PRIVATE, builtin_topics
from nlp.topics.terms import TopicHit

__all__ = [
    "OTHER_BUSINESS",
    "PRIVATE",
    "Reading",
    "TextEncoder",
    "TopicHit",
    "TopicIndex",
    "builtin_index",
    "builtin_topics",
]
