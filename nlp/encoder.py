"""The sentence encoder: a small transformer (ONNX, 8 bits) for what the fast part leaves open.

A model folder without one is a model of the fast part alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from askwatch.errors import ConfigurationError
from nlp.model import INTENTS

FORMAT = 2
LOWER, UPPER = "encoder_lower.onnx", "encoder_upper.onnx"
PIECES, MANIFEST = "encoder_pieces.json", "encoder.json"
FILES = (LOWER, UPPER, PIECES)
_REMEDY = "train it with 'askwatch train --encoder', or remove the file to go without an encoder"
_F32 = NDArray[np.float32]
# Of a longer text only pieces of its beginning and end are read, far fewer than these letters.
_HEAD, _TAIL = 2_000, 1_000


@dataclass(frozen=True, slots=True)
class Window:
    """Which tokens of a long text are read: its beginning, its asking sentence, its end."""

    first: int
    asking: int
    last: int

    @property
    def longest(self) -> int:
        return self.first + self.asking + self.last


@dataclass(frozen=True, slots=True)
class EncoderManifest:
    """Everything about an encoder that is neither weight nor word piece."""

    name: str
    corpus_hash: str
    seed: int
    posts: int
    topics: tuple[str, ...]
    vector_size: int
    window: Window
    held_out: tuple[str, ...]  # ids of posts of the corpus that it was not trained on


@dataclass(frozen=True, slots=True)
class Glance:
    """What the lower layers make of a text: log-odds of an ask, and how far they came."""

    ask: float
    states: _F32


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the encoder says of one text: raw log-odds and a vector of length 1."""

    intents: _F32
    b2b: float
    topics: _F32
    vector: _F32


class Encoder:
    """A loaded encoder. One text at a time: what it says of a text depends on that text alone."""

    def __init__(self, manifest: EncoderManifest, lower: Any, upper: Any, tokenizer: Any) -> None:
        self.manifest = manifest
        self._lower, self._upper, self._tokenizer = lower, upper, tokenizer

    def glance(self, text: str, asking: str = "") -> Glance:
        """Read a normalised text with the lower layers; `asking` is the sentence of it that asks.

        That is half the work, and settles most texts.
        """
        window = self.manifest.window
        whole = self._encode(text)
        is_long = len(whole) > window.longest
        pieces = choose_pieces(whole, self._encode(asking) if is_long and asking else [], window)
        states, ask = self._lower.run(None, {"pieces": np.array([pieces], dtype=np.int64)})
        return Glance(float(ask[0]), states)

    def read_on(self, glance: Glance) -> Opinion:
        """Return the opinion of all layers, after a glance."""
        heads, vector = self._upper.run(None, {"states": glance.states})
        scores: _F32 = heads[0]
        end = len(INTENTS)
        return Opinion(scores[:end], float(scores[end]), scores[end + 1 :], vector[0])

    def read(self, text: str, asking: str = "") -> Opinion:
        """Return the opinion on a normalised text, read to the end whatever the glance says."""
        return self.read_on(self.glance(text, asking))

    def embed(self, text: str) -> _F32:
        """Return the vector of a text, for comparing it with others; its length is 1."""
        return self.read(text).vector

    def _encode(self, text: str) -> list[int]:
        if len(text) > _HEAD + _TAIL:
            text = f"{text[:_HEAD]} {text[-_TAIL:]}"
        # Half a surrogate pair is no text to the tokenizer.
        whole = text.encode("utf-8", "replace").decode()
        ids: list[int] = self._tokenizer.encode(whole).ids
        return ids


def choose_pieces(whole: Sequence[int], asking: Sequence[int], window: Window) -> list[int]:
    """Return the pieces that are read, between the marks of beginning and end.

    `whole` and `asking` come with both marks. An asking sentence that the beginning or the end
    shows anyway takes no room.
    """
    if len(whole) <= window.longest:
        return list(whole)
    inner = list(asking[1:-1])[: window.asking]
    first, last = list(whole[: window.first]), list(whole[-window.last :])
    if not inner or _holds(first, inner) or _holds(last, inner):
        return list(whole[: window.first + window.asking]) + last
    return first + inner + last


def _holds(pieces: Sequence[int], wanted: Sequence[int]) -> bool:
    size = len(wanted)
    return any(pieces[at : at + size] == wanted for at in range(len(pieces) - size + 1))


def has_encoder(folder: Path) -> bool:
    """Tell whether a model folder comes with an encoder."""
    return (folder / MANIFEST).exists()


def read_encoder(folder: Path) -> Encoder:
    """Return the encoder in `folder`, ready to read on one core.

    Raises:
        ConfigurationError: A file is missing, damaged, or of another version.
    """
    # Neither is needed, nor loaded, by a process that reads no posts.
    import onnxruntime  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    manifest = read_encoder_manifest(folder)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    sessions = []
    path = folder
    try:
        for name in (LOWER, UPPER):
            path = folder / name
            sessions.append(
                onnxruntime.InferenceSession(
                    path.read_bytes(), options, providers=["CPUExecutionProvider"]
                )
            )
        path = folder / PIECES
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # both libraries raise classes of their own
        raise ConfigurationError(f"{path}: not an encoder: {error}; {_REMEDY}") from error
    lower, upper = sessions
    return Encoder(manifest, lower, upper, tokenizer)


def read_encoder_manifest(folder: Path) -> EncoderManifest:
    """Return the manifest, after checking that the files beside it are those it names.

    Raises:
        ConfigurationError: A file is missing, damaged, or of another version.
    """
    path = folder / MANIFEST
    try:
        entry = orjson.loads(path.read_bytes())
        if entry.pop("format") != FORMAT or tuple(entry.pop("intents")) != INTENTS:
            raise ConfigurationError(f"{path}: an encoder of another version: {_REMEDY}")
        for name, wanted in entry.pop("sha256").items():
            path = folder / name
            if hash_file(path) != wanted:
                raise ConfigurationError(f"{path}: the encoder is damaged: {_REMEDY}")
        return EncoderManifest(
            **{
                **entry,
                "topics": tuple(entry["topics"]),
                "window": Window(**entry["window"]),
                "held_out": tuple(entry["held_out"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path}: not an encoder: {error}; {_REMEDY}") from error


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
