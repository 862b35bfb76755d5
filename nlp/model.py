"""The trained model: what is stored, how it is read and checked, and how it scores features."""

import hashlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.features import BLOCKS, DENSE_SIZE, FEATURES_VERSION, TABLE_SIZE, Features, block_of
from nlp.gate import TABLE_BITS, Gate
from nlp.patterns import GROUPS
from nlp.resources import resource_path

FORMAT = 3
MANIFEST, ARRAYS = "manifest.json", "model.npz"
INTENTS = tuple(Intent)
ASKS = (Intent.VENDOR_REQUEST, Intent.CANDIDATE_SEARCH)
_REMEDY = "train it again with 'askwatch train', or unset ASKWATCH_MODEL_DIR to use the shipped one"

_F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where decisions fall, chosen at training time by cross-validation."""

    vendor: float  # P(ask) from which the intent is vendor_request, the likelier of the two asks
    candidate: float  # the same for candidate_search
    review: float
    alert: float
    b2b: float  # P(a business could answer) from which a lead may alert
    topic: float
    band: float = 0.0  # P(ask) of the fast part from which the encoder glances at a post
    look: float = 0.0  # P(ask) after that glance from which it reads on


@dataclass(frozen=True, slots=True)
class Calibration:
    """log-odds -> slope * log-odds + intercept, fitted on cross-validated predictions."""

    slope: float
    intercept: float


@dataclass(frozen=True, slots=True)
class FirstLook:
    """How the log-odds of fast part and encoder's glance are weighed together."""

    fast: float = 0.0
    glance: float = 1.0
    intercept: float = 0.0

    def weigh(self, fast: float, glance: float) -> float:
        """Return P(ask)."""
        log_odds = self.fast * fast + self.glance * glance + self.intercept
        return float(1 / (1 + np.exp(-log_odds)))


@dataclass(frozen=True, slots=True)
class Mix:
    """How fast part and encoder are mixed in a language, and what that is worth."""

    encoder_share: float  # in [0, 1], of the log-probabilities
    slope: float
    intercept: float
    b2b_slope: float
    b2b_intercept: float
    review: float  # P(ask) from which a post is for review
    alert: float  # and from which it may alert


@dataclass(frozen=True, slots=True)
class GateNumbers:
    """What the gate has beside the weights of its runs; see `nlp.gate.Gate`."""

    bias: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything about a model that is no array."""

    name: str
    corpus_hash: str
    seed: int
    posts: int
    topics: tuple[str, ...]
    thresholds: Thresholds
    ask: Calibration
    b2b: Calibration
    gate: GateNumbers
    first_look: FirstLook = FirstLook()
    mixes: dict[str, Mix] = field(default_factory=dict)  # by language; empty: no encoder
    encoder: str = ""  # the name of the encoder that the mixes are for

    def thresholds_of(self, lang: str) -> Thresholds:
        """Return the thresholds of a language."""
        mix = self.mixes.get(lang) or self.mixes.get("und")
        if mix is None:
            return self.thresholds
        return replace(self.thresholds, review=mix.review, alert=mix.alert)


@dataclass(frozen=True, slots=True)
class Arrays:
    """The weights. Heads (columns): the intents, then b2b, then the topics."""

    ids: NDArray[np.uint32]
    idf: _F32
    weights: _F32
    dense_weights: _F32
    dense_scale: _F32
    bias: _F32
    gate: NDArray[np.int16]  # the weight of each hashed run


@dataclass(frozen=True, slots=True)
class Weighed:
    """The features of one post that the model knows, with their values."""

    rows: NDArray[np.intp]
    values: _F32
    dense: _F32


@dataclass(frozen=True, slots=True)
class Scores:
    """What the linear model says of one post."""

    intents: _F32  # log-odds, softmax gives probabilities
    b2b: float  # log-odds, not calibrated


class Model:
    """A loaded model; immutable, so threads may share it."""

    def __init__(self, manifest: Manifest, arrays: Arrays) -> None:
        self.manifest, self.arrays = manifest, arrays
        self._places = np.full(TABLE_SIZE, -1, dtype=np.int32)
        self._places[arrays.ids] = np.arange(len(arrays.ids), dtype=np.int32)
        self._blocks = block_of(arrays.ids.astype(np.uint64))
        # Topics are asked for of few posts, so their columns are kept apart.
        self._first_topic = len(INTENTS) + 1
        self._weights = np.ascontiguousarray(arrays.weights[:, : self._first_topic])
        self._topic_weights = np.ascontiguousarray(arrays.weights[:, self._first_topic :])
        self.gate = Gate(arrays.gate, **asdict(manifest.gate))

    def weigh(self, features: Features) -> Weighed:
        """Return the known features, each once; the values of a block have length 1."""
        # All ids are below the table's size, so nothing need be clipped; only the check is saved.
        places = np.empty(len(features.hashed) + 1, dtype=np.int32)
        places[0] = -1  # as those that are unknown
        self._places.take(features.hashed, out=places[1:], mode="clip")
        places.sort()
        rows = places[1:].compress(places[1:] != places[:-1]).astype(np.intp)
        values = self.arrays.idf.take(rows)
        blocks = self._blocks.take(rows)
        squares = np.bincount(blocks, weights=values * values, minlength=len(BLOCKS))
        norms = np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)
        dense: _F32 = features.dense * self.arrays.dense_scale
        return Weighed(rows, values / norms.take(blocks), dense)

    def score(self, weighed: Weighed) -> Scores:
        """Return the log-odds of intents and b2b."""
        end = self._first_topic
        scores = self.arrays.bias[:end] + weighed.dense @ self.arrays.dense_weights[:, :end]
        scores += weighed.values @ self._weights.take(weighed.rows, axis=0)
        return Scores(scores[: end - 1].astype(np.float32), float(scores[end - 1]))

    def score_topics(self, weighed: Weighed) -> _F32:
        """Return the log-odds of the built-in topics, in the manifest's order."""
        start = self._first_topic
        scores = self.arrays.bias[start:] + weighed.dense @ self.arrays.dense_weights[:, start:]
        result: _F32 = scores + weighed.values @ self._topic_weights.take(weighed.rows, axis=0)
        return result


def packaged_model_dir() -> Path:
    """Return the folder of the model that ships with the package."""
    return resource_path("model")


def write_model(folder: Path, manifest: Manifest, arrays: Arrays) -> None:
    """Write a model that `read_model` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        folder / ARRAYS,
        ids=arrays.ids,
        idf=arrays.idf.astype(np.float16),
        weights=arrays.weights.astype(np.float16),
        dense_weights=arrays.dense_weights.astype(np.float32),
        dense_scale=arrays.dense_scale.astype(np.float32),
        bias=arrays.bias.astype(np.float32),
        gate=arrays.gate,
    )
    entry = {
        "format": FORMAT,
        "features": FEATURES_VERSION,
        "groups": GROUPS,
        "intents": INTENTS,
        "arrays_sha256": _hash_file(folder / ARRAYS),
        **asdict(manifest),
    }
    text = orjson.dumps(entry, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    (folder / MANIFEST).write_bytes(text)


def read_model(folder: Path) -> Model:
    """Return the model in `folder`.

    Raises:
        ConfigurationError: A file is missing, damaged, or of another version.
    """
    manifest = _read_manifest(folder / MANIFEST)
    path = folder / ARRAYS
    try:
        if _hash_file(path) != manifest.pop("arrays_sha256"):
            raise ConfigurationError(f"{path}: the model is damaged: {_REMEDY}")
        with np.load(path, allow_pickle=False) as stored:
            arrays = _unpack(stored)
        model = Model(_parse_manifest(manifest), arrays)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path}: not a language model: {error}; {_REMEDY}") from error
    heads = len(INTENTS) + 1 + len(model.manifest.topics)
    shapes = (arrays.dense_weights.shape, arrays.gate.shape)
    if shapes != ((DENSE_SIZE, heads), (1 << TABLE_BITS,)):
        raise ConfigurationError(f"{path}: weights of another shape than needed: {_REMEDY}")
    return model


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = orjson.loads(path.read_bytes())
        found = (manifest["format"], manifest["features"], tuple(manifest["groups"]))
        if tuple(manifest["intents"]) != INTENTS:
            raise ConfigurationError(f"{path}: a model for other intents: {_REMEDY}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path}: not a language model: {error}; {_REMEDY}") from error
    if found != (FORMAT, FEATURES_VERSION, GROUPS):
        raise ConfigurationError(f"{path}: a model of another version: {_REMEDY}")
    return {name: value for name, value in manifest.items() if name not in _NOT_OURS}


_NOT_OURS = frozenset({"format", "features", "groups", "intents"})


def _parse_manifest(entry: dict[str, Any]) -> Manifest:
    return Manifest(
        **{
            **entry,
            "topics": tuple(entry["topics"]),
            "thresholds": Thresholds(**entry["thresholds"]),
            "ask": Calibration(**entry["ask"]),
            "b2b": Calibration(**entry["b2b"]),
            "gate": GateNumbers(**entry["gate"]),
            "first_look": FirstLook(**entry["first_look"]),
            "mixes": {lang: Mix(**each) for lang, each in entry["mixes"].items()},
        }
    )


def _unpack(stored: Any) -> Arrays:
    def floats(name: str) -> _F32:
        result: _F32 = stored[name].astype(np.float32)
        return result

    return Arrays(
        ids=stored["ids"].astype(np.uint32),
        idf=floats("idf"),
        weights=floats("weights"),
        dense_weights=floats("dense_weights"),
        dense_scale=floats("dense_scale"),
        bias=floats("bias"),
        gate=stored["gate"].astype(np.int16),
    )


def _hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
