"""The ready-made topics: 26 packs, each with words and examples in five languages."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from askwatch.errors import ConfigurationError
from askwatch.model.ids import TopicId
from askwatch.model.topic import Topic, Wants
from nlp.resources import resource_path

LANGUAGES = ("en", "da", "sv", "no", "de")
FORMAT = 1
# The topics of what no other one takes: of business, and of the rest.
OTHER_BUSINESS, PRIVATE = TopicId("other_business"), TopicId("consumer_other")
# Models name their answers by place in this list; it must not change without a new model.
_ORDER = (
    "crm_sales", "marketing_seo", "web_development", "software_development", "cloud_hosting",
    "cybersecurity", "it_support", "data_analytics", "ai_ml", "ecommerce", "accounting_finance",
    "legal", "hr_recruiting", "project_collaboration", "customer_support", "design_branding",
    "telecom_network", "logistics", "construction_property", "training_education", "insurance",
    "manufacturing", "health", "travel_events", "consumer_other", "other_business",
)  # fmt: skip


class Pack(BaseModel):
    """One file of resources/topics; every part is there in every language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = Field(ge=FORMAT, le=FORMAT)
    topic_id: TopicId
    names: dict[str, str]
    descriptions: dict[str, str]
    phrases: dict[str, tuple[str, ...]]
    examples: dict[str, tuple[str, ...]]

    def to_topic(self) -> Topic:
        """Return the topic of all languages together.

        It stands for every business there is, so it wants to hear of every ask.
        """
        return Topic(
            topic_id=self.topic_id,
            name=self.names["en"],
            names={lang: self.names[lang] for lang in LANGUAGES if lang != "en"},
            description=self.descriptions["en"],
            descriptions={lang: self.descriptions[lang] for lang in LANGUAGES if lang != "en"},
            phrases=tuple(dict.fromkeys(p for lang in LANGUAGES for p in self.phrases[lang])),
            examples=tuple(text for lang in LANGUAGES for text in self.examples[lang]),
            wants=Wants.BOTH,
        )

    def to_line(self, lang: str) -> Topic:
        """Return the topic as a company would write it in one line of one language."""
        return Topic(
            topic_id=self.topic_id,
            name=self.names[lang],
            description=self.descriptions[lang],
            wants=Wants.BOTH,
        )


@cache
def read_packs() -> tuple[Pack, ...]:
    """Return the packs, in the order that models know them by.

    Raises:
        ConfigurationError: A file of the package is missing or damaged.
    """
    folder = resource_path("topics")
    return tuple(read_pack(folder / f"{topic_id}.toml") for topic_id in _ORDER)


@cache
def builtin_topics() -> tuple[Topic, ...]:
    """Return the topics that are active while a company has none of its own.

    Raises:
        ConfigurationError: A file of the package is missing or damaged.
    """
    return tuple(pack.to_topic() for pack in read_packs())


def read_pack(path: Path) -> Pack:
    """Return the pack in a file.

    Raises:
        ConfigurationError: It is missing, damaged, or lacks a language.
    """
    try:
        pack = Pack.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise ConfigurationError(f"{path}: not a topic pack: {error}") from error
    for name in ("names", "descriptions", "phrases", "examples"):
        missing = [lang for lang in LANGUAGES if not getattr(pack, name).get(lang)]
        if missing:
            raise ConfigurationError(f"{path}: {name} has nothing in {', '.join(missing)}")
    if pack.topic_id != path.stem:
        raise ConfigurationError(f"{path}: the pack of {pack.topic_id} has another file's name")
    return pack
