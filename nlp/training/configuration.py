"""Reads training/config.toml."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from askwatch.errors import ConfigurationError


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FeatureSection(_Section):
    """Which hashed features are kept."""

    least_posts: int = Field(ge=1)
    most_features: int = Field(ge=100)
    dense_scale: float = Field(gt=0)
    block_weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)


class HeadSection(_Section):
    """Inverse strength of the penalty of each head."""

    intent_c: float = Field(gt=0)
    b2b_c: float = Field(gt=0)
    topic_c: float = Field(gt=0)


class AugmentationSection(_Section):
    """What a roughened copy of a post weighs."""

    weight: float = Field(ge=0, le=1)


class ValidationSection(_Section):
    """How figures are cross-validated."""

    folds: int = Field(ge=2)


class GateSection(_Section):
    """How the gate is trained, and how much it must keep."""

    c: float = Field(gt=0)
    recall: float = Field(gt=0, le=1)


class CalibrationSection(_Section):
    """What is assumed of the posts that the model will meet."""

    ask_share: float = Field(gt=0, lt=1)


class ThresholdSection(_Section):
    """What the lanes are chosen for."""

    vendor: float = Field(gt=0, lt=1)
    candidate: float = Field(gt=0, lt=1)

    alert_precision: float = Field(gt=0, le=1)
    alert_least: float = Field(gt=0, lt=1)
    review_recall: float = Field(gt=0, le=1)
    b2b: float = Field(gt=0, lt=1)
    topic: float = Field(gt=0, lt=1)


class TrainingConfiguration(_Section):
    """Every number that training takes."""

    features: FeatureSection
    heads: HeadSection
    augmentation: AugmentationSection
    validation: ValidationSection
    gate: GateSection
    calibration: CalibrationSection
    thresholds: ThresholdSection


def default_configuration_path() -> Path:
    """Return the file beside this module."""
    return Path(__file__).with_name("config.toml")


def read_configuration(path: Path | None = None) -> TrainingConfiguration:
    """Return the configuration.

    Raises:
        ConfigurationError: The file cannot be read or a value is wrong; the message names it.
    """
    path = path or default_configuration_path()
    try:
        return TrainingConfiguration.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise ConfigurationError(f"{path}: {faults}") from error
