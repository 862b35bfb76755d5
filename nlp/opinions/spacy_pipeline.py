"""A second reader that is any spaCy pipeline with text categories (`doc.cats`)."""

from collections.abc import Mapping
from math import isfinite
from pathlib import Path

import spacy
from spacy.language import Language

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.opinions.base import NoOpinionError, SecondOpinion, make_name, make_opinion

KIND = "spacy"
B2B = "b2b"
_SAMPLE = "Can anyone recommend a good accountant for a small company?"


class SpacyReader:
    """Takes `doc.cats` for probabilities of intents, by name or by a mapping of names."""

    kind = KIND
    texts_at_once = 1  # a pipeline's vocabulary is not for several threads

    def __init__(self, pipeline: Language, labels: Mapping[str, str]) -> None:
        """Take a loaded pipeline; `labels` gives its category names ours.

        Raises:
            ConfigurationError: None of its categories is one of ours.
        """
        self._pipeline = pipeline
        self._intents = _read_labels(labels)
        meta = pipeline.meta
        self.name = make_name(KIND, f"{meta['lang']}_{meta['name']}-{meta['version']}")
        cats = self._categorise(_SAMPLE)
        if not any(name in self._intents for name in cats):
            names = ", ".join(sorted(cats)) or "none"
            raise ConfigurationError(
                f"ASKWATCH_SECOND_OPINION: the categories of {self.name} ({names}) are not named "
                f"like our intents: map them with ASKWATCH_SECOND_OPINION_LABELS"
            )

    def read(self, text: str) -> SecondOpinion:
        """See `nlp.opinions.base.Reader`."""
        try:
            cats = self._categorise(text)
        except Exception as error:  # whatever a component of somebody else raises
            raise NoOpinionError("failed") from error
        shares: dict[Intent, float] = {}
        for name, value in cats.items():
            if (intent := self._intents.get(name)) is not None:
                shares[intent] = shares.get(intent, 0.0) + min(1.0, max(0.0, float(value)))
        if not shares or not all(map(isfinite, cats.values())):
            raise NoOpinionError("unusable")
        b2b = cats.get(B2B)
        return make_opinion(shares, None if b2b is None else float(b2b))

    def close(self) -> None:
        """See `nlp.opinions.base.Reader`."""

    def _categorise(self, text: str) -> dict[str, float]:
        # What a text adds to the vocabulary is forgotten with it.
        with self._pipeline.memory_zone():
            return dict(self._pipeline(text).cats)


def read_spacy_reader(name: str, labels: Mapping[str, str]) -> SpacyReader:
    """Return the reader for an installed pipeline package, or for a folder.

    Raises:
        ConfigurationError: It cannot be loaded, or says nothing of intents.
    """
    try:
        pipeline = spacy.load(Path(name) if Path(name).is_dir() else name)
    except Exception as error:  # spaCy and the pipeline's components raise classes of their own
        raise ConfigurationError(
            f"ASKWATCH_SECOND_OPINION: spaCy cannot load {name!r}: {error}; name an installed "
            "pipeline package or the folder of one"
        ) from error
    return SpacyReader(pipeline, labels)


def _read_labels(labels: Mapping[str, str]) -> dict[str, Intent]:
    intents: dict[str, Intent] = {str(intent): intent for intent in Intent}
    for name, ours in labels.items():
        if ours not in set(intents.values()):
            raise ConfigurationError(
                f"ASKWATCH_SECOND_OPINION_LABELS: {name!r} is mapped to {ours!r}, which is none "
                f"of {', '.join(Intent)}"
            )
        intents[name] = Intent(ours)
    return intents
