"""Topics and sources over the wire."""

from pydantic import BaseModel, ConfigDict

from askwatch.model.source import Source, SourceStatus
from askwatch.model.topic import Topic


class Topics(BaseModel):
    """All topics, by id."""

    model_config = ConfigDict(frozen=True)

    topics: tuple[Topic, ...]


class SourceOut(BaseModel):
    """A source and how reading it goes."""

    model_config = ConfigDict(frozen=True)

    source: Source
    status: SourceStatus


class Sources(BaseModel):
    """All sources, by id."""

    model_config = ConfigDict(frozen=True)

    sources: tuple[SourceOut, ...]
