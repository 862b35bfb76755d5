"""Reads training/encoder.toml."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from nlp.training.configuration import Section, read_sections


class NetworkSection(Section):
    """Sizes of the network."""

    layers: int = Field(ge=2)
    lower: int = Field(ge=1)
    pieces: int = Field(ge=100)
    vector_size: int = Field(ge=8)
    dropout: float = Field(ge=0, lt=1)

    @model_validator(mode="after")
    def _glance_comes_before_the_end(self) -> Self:
        if self.lower >= self.layers:
            raise ValueError(f"lower: {self.lower} of {self.layers} layers leave none to read on")
        return self


class WindowSection(Section):
    """Which pieces of a long text are read."""

    first: int = Field(ge=4)
    asking: int = Field(ge=0)
    last: int = Field(ge=2)


class FitSection(Section):
    """How the weights are moved."""

    epochs: int = Field(ge=1)
    batch: int = Field(ge=1)
    checkpoint_steps: int = Field(ge=1)
    half: bool
    learning_rate: float = Field(gt=0)
    head_learning_rate: float = Field(gt=0)
    warm_up: float = Field(gt=0, lt=1)
    weight_decay: float = Field(ge=0)
    clip: float = Field(gt=0)
    label_smoothing: float = Field(ge=0, lt=1)


class TaskSection(Section):
    """What each task weighs in the loss."""

    intent: float = Field(gt=0)
    glance: float = Field(gt=0)
    hard_weight: float = Field(ge=0, le=1)
    b2b: float = Field(ge=0)
    topic: float = Field(ge=0)
    compare: float = Field(ge=0)
    temperature: float = Field(gt=0)


class AugmentationSection(Section):
    """How many posts are read as hurried people write them."""

    share: float = Field(ge=0, le=1)


class HeldOutSection(Section):
    """What is kept from the training."""

    share: float = Field(gt=0, lt=0.5)


class EncoderConfiguration(Section):
    """Every number that the training of the encoder takes."""

    network: NetworkSection
    window: WindowSection
    fit: FitSection
    tasks: TaskSection
    augmentation: AugmentationSection
    held_out: HeldOutSection


def read_encoder_configuration(path: Path | None = None) -> EncoderConfiguration:
    """Return the configuration, by default that of the package.

    Raises:
        ConfigurationError: The file cannot be read or a value is wrong; the message names it.
    """
    default = Path(__file__).parent.parent / "encoder.toml"
    return read_sections(path or default, EncoderConfiguration)
