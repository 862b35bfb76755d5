"""A second reader that compares a text with example posts, by vectors of a sentence transformer.

The folder is one that the sentence-transformers project's tools write, with a network in ONNX.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.model import INTENTS
from nlp.opinions.base import NoOpinionError, SecondOpinion, make_name, make_opinion
from nlp.resources import resource_path

KIND = "sentence-transformer"
_VARIABLE = "ASKWATCH_SECOND_OPINION"
_F32 = NDArray[np.float32]
_PIECES = 256  # of a text are read, where the folder does not say fewer
# Vectors of one network lie closer together than those of another; which of these sharpens the
# likeness best is found on the examples themselves.
_SHARPNESS = (5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0, 80.0, 120.0)


@dataclass(frozen=True, slots=True)
class Example:
    """A post of ours of which is known what it is."""

    lang: str
    intent: str
    b2b: bool
    text: str


class Embedder:
    """A loaded folder: makes a vector of length 1 of a text."""

    def __init__(self, session: Any, tokenizer: Any, *, prompt: str = "") -> None:
        self._session, self._tokenizer, self._prompt = session, tokenizer, prompt
        self._inputs = [each.name for each in session.get_inputs()]

    def embed(self, text: str) -> _F32:
        """Return the vector; pieces are averaged unless the network has done that itself.

        Raises:
            NoOpinionError: The text has no pieces.
        """
        encoded = self._tokenizer.encode(self._prompt + text)
        if not encoded.ids:
            raise NoOpinionError("unusable")  # no piece, no vector
        given = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        feed = {name: np.array([given[name]], dtype=np.int64) for name in self._inputs}
        found: _F32 = self._session.run(None, feed)[0][0]
        vector = found.mean(axis=0) if found.ndim == 2 else found
        length = float(np.linalg.norm(vector))
        result: _F32 = (vector / max(length, 1e-9)).astype(np.float32)
        return result


class SentenceTransformerReader:
    """The more a text is like the examples of an intent, the more probable is that intent."""

    kind = KIND
    texts_at_once = 1

    def __init__(self, name: str, embedder: Embedder, examples: Sequence[Example]) -> None:
        self.name, self._embedder = make_name(KIND, name), embedder
        self._vectors = np.stack([embedder.embed(each.text) for each in examples])
        self._intents = np.array([INTENTS.index(Intent(each.intent)) for each in examples])
        self._b2b = np.array([int(each.b2b) for each in examples])
        likeness = self._vectors @ self._vectors.T
        self._sharpness = max(
            _SHARPNESS, key=lambda each: _fit(likeness, self._intents, len(INTENTS), each)
        )

    def read(self, text: str) -> SecondOpinion:
        """See `nlp.opinions.base.Reader`."""
        try:
            vector = self._embedder.embed(text)
        except NoOpinionError:
            raise
        except Exception as error:  # both libraries raise classes of their own
            raise NoOpinionError("failed") from error
        likeness = (self._vectors @ vector)[None, :]
        if not np.isfinite(likeness).all():
            raise NoOpinionError("unusable")
        shares = np.exp(_log_shares(likeness, self._intents, len(INTENTS), self._sharpness))[0]
        b2b = np.exp(_log_shares(likeness, self._b2b, 2, self._sharpness))[0, 1]
        return make_opinion(dict(zip(INTENTS, shares.tolist(), strict=True)), float(b2b))

    def close(self) -> None:
        """See `nlp.opinions.base.Reader`."""


def read_sentence_transformer(folder: Path) -> SentenceTransformerReader:
    """Return the reader for a folder with `tokenizer.json` and `model.onnx`.

    Raises:
        ConfigurationError: Something is missing in it, or is not as it must be.
    """
    network = next(
        (p for p in (folder / "model.onnx", folder / "onnx/model.onnx") if p.exists()), None
    )
    if network is None or not (folder / "tokenizer.json").exists():
        raise ConfigurationError(
            f"{_VARIABLE}: {folder} needs tokenizer.json, and model.onnx or onnx/model.onnx: "
            "export the model to ONNX first"
        )
    _check_pooling(folder / "1_Pooling" / "config.json")
    try:
        embedder = load_embedder(folder)
        return SentenceTransformerReader(folder.resolve().name, embedder, read_examples())
    except Exception as error:  # both libraries raise classes of their own
        raise ConfigurationError(
            f"{_VARIABLE}: {network} with its tokenizer.json makes no vectors of texts: {error}"
        ) from error


def read_examples() -> list[Example]:
    """Return the example posts, a few dozen in each of the five languages."""
    lines = resource_path("opinions", "examples.jsonl").read_bytes().splitlines()
    return [Example(**orjson.loads(line)) for line in lines]


def load_embedder(folder: Path) -> Embedder:
    """Return the network of a folder; each library raises errors of its own."""
    # Neither is needed, nor loaded, without such a reader or the encoder.
    import onnxruntime  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # By its path: large networks keep their weights in a file beside.
    session = onnxruntime.InferenceSession(
        _find_network(folder), options, providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    limits = _read_json(folder / "sentence_bert_config.json")
    tokenizer.enable_truncation(min(int(limits.get("max_seq_length") or _PIECES), _PIECES))
    prompts = _read_json(folder / "config_sentence_transformers.json")
    prompt = (prompts.get("prompts") or {}).get(prompts.get("default_prompt_name"), "")
    return Embedder(session, tokenizer, prompt=prompt)


def _find_network(folder: Path) -> Path:
    at_top = folder / "model.onnx"
    return at_top if at_top.exists() else folder / "onnx" / "model.onnx"


def _check_pooling(path: Path) -> None:
    pooling = _read_json(path)
    chosen = [name for name, value in pooling.items() if name.startswith("pooling_mode") and value]
    if chosen and chosen != ["pooling_mode_mean_tokens"] and pooling.get("pooling_mode") != "mean":
        raise ConfigurationError(
            f"{_VARIABLE}: {path} asks for {', '.join(chosen)}; only networks whose pieces are "
            "averaged (pooling_mode_mean_tokens) can be used"
        )


def _read_json(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        found = orjson.loads(path.read_bytes())
    except ValueError as error:
        raise ConfigurationError(f"{_VARIABLE}: {path} is not JSON: {error}") from error
    return found if isinstance(found, dict) else {}


def _log_shares(
    likeness: NDArray[Any], kinds: NDArray[Any], count: int, sharpness: float
) -> NDArray[Any]:
    """Return log-probabilities of kinds (columns) for each row of likeness to the examples.

    A kind weighs the mean of exp(sharpness x likeness) over its examples; -inf leaves one out.
    """
    weights = np.exp(sharpness * (likeness - likeness.max(axis=1, keepdims=True)))
    is_kind = kinds[:, None] == np.arange(count)[None, :]
    sizes = np.isfinite(likeness).astype(np.float64) @ is_kind
    means = (weights @ is_kind) / np.maximum(sizes, 1) + 1e-9
    result: NDArray[Any] = np.log(means / means.sum(axis=1, keepdims=True))
    return result


def _fit(likeness: NDArray[Any], kinds: NDArray[Any], count: int, sharpness: float) -> float:
    """Return the mean log-probability of each example's own kind, told by the others."""
    others = likeness.astype(np.float64)
    np.fill_diagonal(others, -np.inf)
    shares = _log_shares(others, kinds, count, sharpness)
    return float(shares[np.arange(len(kinds)), kinds].mean())
