"""Understands posts as a company has configured it: its topics, thresholds and adaptation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from askwatch.model.adaptation import Adaptation
from askwatch.model.lead import Lane, Understanding
from nlp.adaptation import adapt
from nlp.model import Thresholds, packaged_model_dir
from nlp.opinions import SecondReader
from nlp.pipeline import load_parts
from nlp.topics import TopicIndex
from nlp.understand import Understander

_NEUTRAL = Adaptation()


@dataclass(frozen=True, slots=True)
class Configuration:
    """What stands beside the model; the default is the model as it was shipped."""

    topics: TopicIndex | None = None  # None: the built-in ones
    adaptation: Adaptation = _NEUTRAL
    version: int = 0  # of the adaptation
    alert: float | None = None  # thresholds instead of the model's
    review: float | None = None


class ConfiguredUnderstander:
    """An understander that knows no configuration of its own: each call brings one."""

    def __init__(
        self, model_dir: Path | None = None, *, second: SecondReader | None = None
    ) -> None:
        """Load the model in `model_dir`, by default the packaged one; see `Understander`.

        Raises:
            ConfigurationError: It is missing, damaged or of another version.
        """
        self._understander = Understander(model_dir, second=second)
        parts = load_parts(str(model_dir or packaged_model_dir()))
        self.thresholds_of = parts.model.manifest.thresholds_of
        self.builtin = parts.builtin

    @property
    def model_name(self) -> str:
        """The name and version of the model."""
        return self._understander.model_name

    def understand(
        self,
        texts: Sequence[str],
        configuration: Configuration,
        *,
        is_complete: bool = False,
        posted_on: Sequence[date | None] | None = None,
    ) -> list[Understanding]:
        """Return what is understood of each text, in order; see `Understander.understand`.

        What only the configuration makes a lead is understood once more, as a lead is.
        """
        base = self._understander.understand(
            texts,
            topics=configuration.topics,
            is_complete=is_complete,
            posted_on=posted_on,
        )
        results = [self.apply(each, configuration) for each in base]
        if not is_complete:
            dates = posted_on if posted_on is not None else [None] * len(texts)
            for place, (before, after) in enumerate(zip(base, results, strict=True)):
                if before.lane is Lane.NONE and after.lane is not Lane.NONE:
                    (whole,) = self._understander.understand(
                        [texts[place]],
                        topics=configuration.topics,
                        is_complete=True,
                        posted_on=[dates[place]],
                    )
                    results[place] = self.apply(whole, configuration)
        return results

    def apply(self, understanding: Understanding, configuration: Configuration) -> Understanding:
        """Return what a configuration makes of what the model says."""
        own = self.thresholds_of(understanding.lang)
        thresholds = set_thresholds(own, configuration)
        if configuration.adaptation.is_neutral and thresholds == own:
            return understanding
        return adapt(
            understanding,
            configuration.adaptation,
            version=configuration.version,
            thresholds=thresholds,
            topics=configuration.topics or self.builtin,
            model_review=own.review,
        )


def set_thresholds(own: Thresholds, configuration: Configuration) -> Thresholds:
    """Return the thresholds of a configuration, before its adaptation shifts them."""
    if configuration.alert is None and configuration.review is None:
        return own
    alert = own.alert if configuration.alert is None else configuration.alert
    review = own.review if configuration.review is None else configuration.review
    return replace(own, alert=alert, review=min(alert, review))
