"""A second reader behind an OpenAI-compatible endpoint: a language model that a company runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from pydantic import JsonValue

from askwatch.clock import Clock
from askwatch.errors import ConfigurationError
from nlp.opinions.base import NoOpinionError, SecondOpinion, make_name
from nlp.opinions.request import FIXED_FIELDS, make_request, parse_answer

KIND = "openai"
_ANSWER_BYTES = 64 * 1024
# A text can bring these about, for instance by a filter of the provider; the rest of 4xx is about
# the key, the address or the load.
_ABOUT_THE_TEXT = frozenset({400, 413, 422})
_TOO_MANY, _UNAVAILABLE = 429, 503


@dataclass(frozen=True, slots=True)
class EndpointTerms:
    """Where the endpoint is and how it is asked."""

    base_url: str
    model: str
    timeout_s: float
    api_key: str = field(default="", repr=False)
    texts_at_once: int = 8
    fields: Mapping[str, JsonValue] = field(default_factory=dict)


class EndpointReader:
    """Posts to `{base_url}/chat/completions`; follows no redirect and tries once."""

    kind = KIND

    def __init__(self, terms: EndpointTerms, *, clock: Clock) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigurationError: The terms cannot work; the message names the setting.
        """
        _check(terms)
        self._terms, self._clock = terms, clock
        self.name, self.texts_at_once = make_name(KIND, terms.model), terms.texts_at_once
        # Nothing is unpacked, so that a small answer cannot become a large one.
        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if terms.api_key:
            headers["authorization"] = f"Bearer {terms.api_key}"
        self._client = httpx.Client(
            headers=headers,
            timeout=terms.timeout_s,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=terms.texts_at_once),
        )
        self._url = f"{terms.base_url.rstrip('/')}/chat/completions"

    def read(self, text: str) -> SecondOpinion:
        """See `nlp.opinions.base.Reader`."""
        body = make_request(text, model=self._terms.model, fields=self._terms.fields)
        deadline_s = self._clock.monotonic() + self._terms.timeout_s
        try:
            with self._client.stream("POST", self._url, content=body) as response:
                if response.status_code != httpx.codes.OK:
                    raise _describe(response)
                return parse_answer(self._receive(response, deadline_s))
        except httpx.TimeoutException as error:
            raise NoOpinionError("timeout", is_fault=True) from error
        except httpx.HTTPError as error:
            raise NoOpinionError("unreachable", is_fault=True) from error

    def close(self) -> None:
        """See `nlp.opinions.base.Reader`."""
        self._client.close()

    def _receive(self, response: httpx.Response, deadline_s: float) -> bytes:
        """Return the body; one that drips is given up at the deadline, one without end cut off."""
        body = bytearray()
        for piece in response.iter_raw():
            body += piece
            if len(body) > _ANSWER_BYTES:
                raise NoOpinionError("garbled", is_fault=True)
            if self._clock.monotonic() > deadline_s:
                raise NoOpinionError("timeout", is_fault=True)
        return bytes(body)


def _describe(response: httpx.Response) -> NoOpinionError:
    status = response.status_code
    if status in _ABOUT_THE_TEXT:
        return NoOpinionError("refused", status=status)
    wait_s = 0.0
    if status in {_TOO_MANY, _UNAVAILABLE}:
        wait = response.headers.get("retry-after", "")
        wait_s = float(wait) if wait.isdecimal() and len(wait) < 9 else 0.0
    return NoOpinionError("rejected", is_fault=True, wait_s=wait_s, status=status)


def _check(terms: EndpointTerms) -> None:
    variable = "ASKWATCH_SECOND_OPINION"
    if "@" in terms.base_url:
        raise ConfigurationError(
            f"{variable}: no password in the address: put the key into {variable}_API_KEY"
        )
    if not _is_address(terms.base_url):
        raise ConfigurationError(
            f"{variable}: openai: needs an address like openai:http://127.0.0.1:8080/v1"
        )
    if not terms.model:
        raise ConfigurationError(
            f"{variable}_MODEL: say which model of the endpoint to ask, by the name it has there"
        )
    if not terms.api_key.isascii() or not terms.api_key.isprintable():
        raise ConfigurationError(f"{variable}_API_KEY: only plain letters, digits and signs")
    if taken := FIXED_FIELDS & set(terms.fields):
        raise ConfigurationError(f"{variable}_BODY: may not set {', '.join(sorted(taken))}")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
            and not (parts.query or parts.fragment)
        )
    except ValueError:
        return False
