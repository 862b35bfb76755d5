"""What a company sells and knows."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from askwatch.model.ids import TopicId


class Wants(StrEnum):
    """Which asks a topic wants to hear of."""

    VENDOR = "vendor"
    CANDIDATE = "candidate"
    BOTH = "both"


class Topic(BaseModel):
    """A subject of the company's own; phrases and examples may be in any language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic_id: TopicId = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    name: str = Field(min_length=1, max_length=120)
    names: dict[str, str] = {}  # by language, e.g. {"da": "Identitet"}
    description: str = ""
    descriptions: dict[str, str] = {}  # by language, as the names
    phrases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    wants: Wants = Wants.VENDOR
    is_active: bool = True

    def name_in(self, lang: str) -> str:
        return self.names.get(lang, self.name)
