"""One frozen set of settings, read once from the environment (ASKWATCH_*) and command options."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from askwatch.errors import ConfigurationError


class Settings(BaseSettings):
    """Every setting; the defaults run everything embedded in one folder."""

    model_config = SettingsConfigDict(env_prefix="ASKWATCH_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        default=Path("askwatch-data"), description="Folder of the embedded files and the secret."
    )
    bus_url: str = Field(
        default="sqlite", description="sqlite, or kafka://host:port[,host:port] for Kafka 4."
    )
    state_url: str = Field(
        default="sqlite", description="sqlite, or postgresql://user:password@host/database."
    )
    search_url: str = Field(
        default="sqlite", description="sqlite, or http(s)://host:port of Elasticsearch 9."
    )
    stream_prefix: str = Field(
        default="", description="Put before stream and index names, to share a cluster."
    )
    stream_partitions: int = Field(
        default=6, ge=1, le=256, description="Partitions of a stream when it is created."
    )
    retention_hours: float = Field(
        default=24.0, gt=0, description="How long records stay on the streams posts and leads."
    )
    secret_key: str = Field(
        default="",
        description="Signs links and hashes authors; embedded it is made in data_dir/secret.key.",
        repr=False,
    )
    host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port the API listens on.")
    base_url: str = Field(
        default="", description="Address people reach the pages at; default http://host:port."
    )
    company_file: Path | None = Field(
        default=None, description="company.toml applied at start of askwatch up."
    )
    smtp_url: str = Field(
        default="",
        description="smtp(s)://[user:password@]host:port; empty: alerts stay in the inbox.",
        repr=False,
    )
    mail_from: str = Field(
        default="Askwatch <askwatch@localhost>", description="Sender of alert mails."
    )
    smtp_timeout_s: float = Field(default=20.0, gt=0, description="Patience with the mail server.")
    user_agent_contact: str = Field(
        default="",
        description="Address of a page or mailbox that site owners find in our user agent.",
    )
    allow_private_addresses: bool = Field(
        default=False, description="Let feeds be read from private networks (tests, intranets)."
    )
    model_dir: Path | None = Field(
        default=None, description="Language model to use instead of the one in the package."
    )
    second_opinion: str = Field(
        default="none",
        description="Who reads unsure posts again: none, spacy:NAME_OR_FOLDER, "
        "sentence-transformer:FOLDER or openai:http(s)://host:port/v1.",
        repr=False,  # an address may hold a secret
    )
    second_opinion_model: str = Field(
        default="", description="The endpoint's name of the language model to ask."
    )
    second_opinion_api_key: str = Field(
        default="", description="Sent to the endpoint as a bearer token.", repr=False
    )
    second_opinion_from: float = Field(
        default=0.15, ge=0, le=1, description="Least probability of an ask that is unsure."
    )
    second_opinion_to: float = Field(
        default=0.9, ge=0, le=1, description="Largest probability of an ask that is unsure."
    )
    second_opinion_share: float = Field(
        default=0.6, gt=0, le=1, description="What the second opinion weighs beside the first."
    )
    second_opinion_timeout_s: float = Field(
        default=5.0, gt=0, le=120, description="Patience with one answer of the second reader."
    )
    second_opinion_per_minute: int = Field(
        default=60, ge=0, description="Posts a process asks about in a minute; 0: no limit."
    )
    second_opinion_per_day: int = Field(
        default=5_000, ge=0, description="Posts a process asks about in a day; 0: no limit."
    )
    second_opinion_parallel: int = Field(
        default=8, ge=1, le=64, description="Posts an endpoint is asked about at the same time."
    )
    second_opinion_labels: dict[str, str] = Field(
        default={}, description="JSON: our intent by the name of a spaCy pipeline's category."
    )
    second_opinion_body: dict[str, JsonValue] = Field(
        default={}, description="JSON: fields of an endpoint's request to add, or null to drop."
    )
    rejected_share: float = Field(
        default=0.01, ge=0, le=1, description="Share of rejected posts kept a day to look at."
    )
    rejected_per_hour: int = Field(
        default=30, ge=0, description="Rejected posts kept in an hour at most; 0: none."
    )
    learn_hours: float = Field(
        default=24.0, ge=0, description="Hours between lessons from taps; 0: only by command."
    )
    learn_from: int = Field(
        default=20, ge=1, description="Taps that must be there before anything is learned."
    )
    value_b2b: float = Field(
        default=0.4, ge=0, description="Weight of a lead's value: a business could answer."
    )
    value_urgency: float = Field(
        default=0.1,
        ge=0,
        description="Weight of a lead's value: there is a need now or a deadline.",
    )
    value_budget: float = Field(
        default=0.15, ge=0, description="Weight of a lead's value: an amount is named."
    )
    value_specificity: float = Field(
        default=0.15,
        ge=0,
        description="Weight of a lead's value: place, size, product and the like narrow the ask.",
    )
    value_reach: float = Field(
        default=0.1,
        ge=0,
        description="Weight of a lead's value: the author can be answered in public.",
    )
    value_age: float = Field(
        default=0.1,
        ge=0,
        description="Weight of a lead's value: the post was fresh when it was seen.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least severe log line that is written."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="json, text, or auto: text on a terminal."
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Port for /metrics of one process; 0: none."
    )
    dead_letter_limit: int = Field(
        default=100,
        ge=1,
        description="Dead letters of one process within ten minutes that stop it loudly.",
    )

    @property
    def is_embedded(self) -> bool:
        """Whether all three back ends are files in the data folder."""
        return self.bus_url == self.state_url == self.search_url == "sqlite"

    @property
    def value_weights(self) -> dict[str, float]:
        """Return the weights of the terms of a lead's value, by term."""
        return {
            "b2b": self.value_b2b,
            "urgency": self.value_urgency,
            "budget": self.value_budget,
            "specificity": self.value_specificity,
            "reach": self.value_reach,
            "age": self.value_age,
        }

    @property
    def public_url(self) -> str:
        """Return the address of the pages, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether people reach the pages over https, so that cookies can insist on it."""
        return urlsplit(self.public_url).scheme == "https"

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Return the settings of the environment, with `overrides` that are not None on top.

        Raises:
            ConfigurationError: A setting is wrong; the message names it.
        """
        given = {name: value for name, value in overrides.items() if value is not None}
        try:
            return cls(**given)  # type: ignore[arg-type]  # pydantic checks the values
        except ValidationError as error:
            faults = "; ".join(
                f"ASKWATCH_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
                for fault in error.errors(include_url=False)
            )
            raise ConfigurationError(f"settings: {faults}") from None
