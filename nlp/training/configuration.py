"""Reads training/config.toml."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from askwatch.errors import ConfigurationError


class Section(BaseModel):
    """A table of a configuration file; unknown names are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_S = TypeVar("_S", bound=Section)


class FeatureSection(Section):
    """Which hashed features are kept."""

    least_posts: int = Field(ge=1)
    most_features: int = Field(ge=100)
    dense_scale: float = Field(gt=0)
    block_weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)


class HeadSection(Section):
    """Inverse strength of the penalty of each head, and how much disputed posts count."""

    intent_c: float = Field(gt=0)
    hard_weight: float = Field(ge=0, le=1)
    b2b_c: float = Field(gt=0)
    topic_c: float = Field(gt=0)


class AugmentationSection(Section):
    """What a roughened copy of a post weighs."""

    weight: float = Field(ge=0, le=1)


class ValidationSection(Section):
    """How figures are cross-validated."""

    folds: int = Field(ge=2)


class GateSection(Section):
    """How the gate is trained, and how much it must keep."""

    c: float = Field(gt=0)
    hard_weight: float = Field(ge=0, le=1)
    folds: int = Field(ge=1)  # over so many of the folds the threshold is cross-validated
    recall: float = Field(gt=0, le=1)


class CalibrationSection(Section):
    """What is assumed of the posts that the model will meet."""

    ask_share: float = Field(gt=0, lt=1)
    # By language: slope and intercept that are put on the log-odds behind our own calibration.
    maps: dict[str, tuple[float, float]] = {}


class LaneSection(Section):
    """From which P(ask) a post is for review and may alert, by language; "und": any other one."""

    review: dict[str, float]
    alert: dict[str, float]


class ThresholdSection(Section):
    """What the lanes are chosen for."""

    vendor: float = Field(gt=0, lt=1)
    candidate: float = Field(gt=0, lt=1)

    band_recall: float = Field(gt=0, le=1)
    look_recall: float = Field(gt=0, le=1)
    mixed_vendor: float = Field(gt=0, lt=1)
    mixed_candidate: float = Field(gt=0, lt=1)
    alert_precision: float = Field(gt=0, le=1)
    alert_least: float = Field(gt=0, lt=1)
    review_recall: float = Field(gt=0, le=1)
    b2b: float = Field(gt=0, lt=1)
    topic: float = Field(gt=0, lt=1)


class TrainingConfiguration(Section):
    """Every number that training takes."""

    features: FeatureSection
    heads: HeadSection
    augmentation: AugmentationSection
    validation: ValidationSection
    gate: GateSection
    calibration: CalibrationSection
    thresholds: ThresholdSection
    lanes: LaneSection


def default_configuration_path() -> Path:
    """Return the file beside this module."""
    return Path(__file__).with_name("config.toml")


def read_configuration(path: Path | None = None) -> TrainingConfiguration:
    """Return the configuration.

    Raises:
        ConfigurationError: The file cannot be read or a value is wrong; the message names it.
    """
    return read_sections(path or default_configuration_path(), TrainingConfiguration)


def read_sections(path: Path, kind: type[_S]) -> _S:
    """Return a file of sections as `kind`.

    Raises:
        ConfigurationError: The file cannot be read or a value is wrong; the message names it.
    """
    try:
        return kind.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise ConfigurationError(f"{path}: {faults}") from error
