"""Makes the second reader that the settings name."""

from pathlib import Path

from askwatch.clock import Clock
from askwatch.errors import ConfigurationError
from askwatch.settings import Settings
from nlp.opinions import endpoint, sentence_transformer, spacy_pipeline
from nlp.opinions.base import Reader
from nlp.opinions.second import SecondReader, Terms

NONE = "none"


def make_second_reader(settings: Settings, *, clock: Clock) -> SecondReader | None:
    """Return the second reader, loaded; None where the settings ask for none.

    Raises:
        ConfigurationError: It cannot be used; the message names the setting.
    """
    if settings.second_opinion == NONE:
        return None
    if settings.second_opinion_from >= settings.second_opinion_to:
        raise ConfigurationError(
            "ASKWATCH_SECOND_OPINION_FROM: must be less than ASKWATCH_SECOND_OPINION_TO"
        )
    terms = Terms(
        unsure_from=settings.second_opinion_from,
        unsure_to=settings.second_opinion_to,
        share=settings.second_opinion_share,
        timeout_s=settings.second_opinion_timeout_s,
        per_minute=settings.second_opinion_per_minute,
        per_day=settings.second_opinion_per_day,
    )
    return SecondReader(_make_reader(settings, clock), terms=terms, clock=clock)


def _make_reader(settings: Settings, clock: Clock) -> Reader:
    kind, _, place = settings.second_opinion.partition(":")
    if kind == spacy_pipeline.KIND and place:
        return spacy_pipeline.read_spacy_reader(place, settings.second_opinion_labels)
    if kind == sentence_transformer.KIND and place:
        return sentence_transformer.read_sentence_transformer(Path(place))
    if kind == endpoint.KIND and place:
        terms = endpoint.EndpointTerms(
            base_url=place,
            model=settings.second_opinion_model,
            timeout_s=settings.second_opinion_timeout_s,
            api_key=settings.second_opinion_api_key,
            texts_at_once=settings.second_opinion_parallel,
            fields=settings.second_opinion_body,
        )
        return endpoint.EndpointReader(terms, clock=clock)
    # What was given is not repeated: an address may hold a secret.
    raise ConfigurationError(
        "ASKWATCH_SECOND_OPINION: must be none, spacy:NAME_OR_FOLDER, "
        "sentence-transformer:FOLDER or openai:http(s)://host:port/v1"
    )
