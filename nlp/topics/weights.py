"""What each kind of evidence weighs when topics are compared."""

import tomllib
from functools import cache

from pydantic import BaseModel, ConfigDict, ValidationError

from askwatch.errors import ConfigurationError
from nlp.resources import resource_path

FORMAT = 1


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FastWeights(_Section):
    """For a post that only the fast part has seen."""

    lexical: float
    linear: float


class ReadWeights(_Section):
    """For a post that the encoder has read."""

    lexical: float
    linear: float
    encoder: float
    likeness: float


class OwnWeights(_Section):
    """For a company's own topic and a post that the encoder has read."""

    lexical: float
    likeness: float
    field: float
    intercept: float


class Weights(_Section):
    """The whole file."""

    format: int
    fast: FastWeights
    read: ReadWeights
    own: OwnWeights


@cache
def read_weights() -> Weights:
    """Return the weights.

    Raises:
        ConfigurationError: The file of the package is damaged or of another version.
    """
    path = resource_path("topic_weights.toml")
    try:
        weights = Weights.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise ConfigurationError(f"{path}: not a file of weights: {error}") from error
    if weights.format != FORMAT:
        raise ConfigurationError(f"{path}: format {weights.format} is not {FORMAT}")
    return weights
