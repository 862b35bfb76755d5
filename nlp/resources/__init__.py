"""Data files of the language stage: request patterns, topics, places, markers, the model."""

from importlib.resources import files
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """Return the path of a file or folder that ships with the package."""
    return Path(str(files(__name__))).joinpath(*parts)
