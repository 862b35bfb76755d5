"""The encoder as PyTorch trains it: a BERT body that reads word pieces, and heads on top."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nlp.training.encoder.pretrained import PADDING, Pretrained

_FAR_BELOW = -1e4
_LONGEST = 256  # pieces


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a network is."""

    layers: int
    lower: int  # so many of them come before the glance
    heads: int
    vector: int
    dropout: float


class _Layer(nn.Module):
    """One layer, normalised behind each of its two halves (Devlin et al. 2019)."""

    def __init__(self, source: Pretrained, number: int, dropout: float) -> None:
        super().__init__()
        self._heads, self._dropout = source.heads, dropout
        hidden, wide = source.hidden, source.feed_forward
        self.attention_in = nn.Linear(hidden, 3 * hidden)
        self.attention_out = nn.Linear(hidden, hidden)
        self.attention_norm = nn.LayerNorm(hidden, eps=source.epsilon)
        self.widen = nn.Linear(hidden, wide)
        self.narrow = nn.Linear(wide, hidden)
        self.norm = nn.LayerNorm(hidden, eps=source.epsilon)
        self._load(source, f"l{number}.")

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        rows, length, hidden = states.shape
        parts = self.attention_in(states).view(rows, length, 3, self._heads, hidden // self._heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        dropout = self._dropout if self.training else 0.0
        if mask is None:
            # Written out for the export: with one text there is nothing to mask.
            scores = query @ key.transpose(-1, -2) / math.sqrt(hidden // self._heads)
            seen = scores.softmax(-1) @ value
        else:
            seen = functional.scaled_dot_product_attention(
                query, key, value, attn_mask=mask, dropout_p=dropout
            )
        seen = self.attention_out(seen.transpose(1, 2).reshape(rows, length, hidden))
        states = self.attention_norm(states + functional.dropout(seen, dropout, self.training))
        thought = self.narrow(functional.gelu(self.widen(states)))
        result: Tensor = self.norm(states + functional.dropout(thought, dropout, self.training))
        return result

    def _load(self, source: Pretrained, of: str) -> None:
        tensors, hidden = source.tensors, source.hidden
        joined = [tensors[f"{of}{name}.w"].reshape(hidden, hidden) for name in "qkv"]
        _fill(self.attention_in.weight, np.concatenate(joined))
        _fill(self.attention_in.bias, np.concatenate([tensors[f"{of}{name}.b"] for name in "qkv"]))
        for name, layer in (
            ("ao", self.attention_out), ("aln", self.attention_norm), ("fi", self.widen),
            ("fo", self.narrow), ("oln", self.norm),
        ):  # fmt: skip
            _fill(layer.weight, tensors[f"{of}{name}.w"].reshape(layer.weight.shape))
            _fill(layer.bias, tensors[f"{of}{name}.b"])


class Network(nn.Module):
    """Word pieces in; log-odds of glance and heads and a vector of length 1 out."""

    def __init__(self, source: Pretrained, kept: Sequence[int], sizes: Sizes) -> None:
        """Take the embeddings `kept` and `sizes.layers` of the layers, evenly spread."""
        super().__init__()
        hidden = source.hidden
        self._dropout = sizes.dropout
        self.words = nn.Embedding(len(kept), hidden, padding_idx=PADDING)
        self.positions = nn.Embedding(source.positions, hidden)
        self.norm = nn.LayerNorm(hidden, eps=source.epsilon)
        chosen = np.linspace(0, source.layers - 1, sizes.layers).round().astype(int).tolist()
        self.layers = nn.ModuleList([_Layer(source, number, sizes.dropout) for number in chosen])
        self._lower = sizes.lower
        self.glance = nn.Linear(2 * hidden, 1)
        self.heads = nn.Linear(2 * hidden, sizes.heads)
        self.vector = nn.Linear(hidden, sizes.vector, bias=False)
        nn.init.orthogonal_(self.vector.weight)
        _fill(self.words.weight, source.words[list(kept)])
        # The one type that there is stands in every place: it is part of the position.
        types = source.tensors["emb.type"].reshape(-1, hidden)
        _fill(self.positions.weight, source.tensors["emb.pos"].reshape(-1, hidden) + types[:1])
        _fill(self.norm.weight, source.tensors["emb.ln.w"])
        _fill(self.norm.bias, source.tensors["emb.ln.b"])
        # Most of its rows would be moved by a few posts each.
        self.words.weight.requires_grad = False

    def forward(self, pieces: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Return (rows,) log-odds of the glance, (rows, heads) log-odds, (rows, vector) vectors.

        `mask` (rows, length) is True where a piece stands; None: everywhere.
        """
        states, glances = self.look(pieces, mask)
        return glances, *self.read_on(states, mask)

    def look(self, pieces: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return (rows, length, hidden) states of the lower layers, (rows,) log-odds of an ask."""
        places = torch.arange(pieces.shape[1], device=pieces.device)
        states = self.norm(self.words(pieces) + self.positions(places))
        states = functional.dropout(states, self._dropout, self.training)
        for layer in self.layers[: self._lower]:
            states = layer(states, _attending(mask))
        return states, self.glance(torch.cat(pool(states, mask), 1)).squeeze(1)

    def read_on(self, states: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return (rows, heads) log-odds and (rows, vector) vectors of length 1."""
        for layer in self.layers[self._lower :]:
            states = layer(states, _attending(mask))
        mean, most = pool(states, mask)
        both = functional.dropout(torch.cat([mean, most], 1), self._dropout, self.training)
        return self.heads(both), functional.normalize(self.vector(mean), dim=1)


def pool(states: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return mean and maximum of states over the pieces."""
    if mask is None:
        return states.mean(1), states.amax(1)
    there = mask.unsqueeze(-1).to(states.dtype)
    mean = (states * there).sum(1) / there.sum(1)
    return mean, (states + (1 - there) * _FAR_BELOW).amax(1)


def _attending(mask: Tensor | None) -> Tensor | None:
    return None if mask is None else mask[:, None, None, :]


def pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return (rows, longest) pieces and the mask of where they stand."""
    longest = max(map(len, rows))
    pieces = torch.full((len(rows), longest), PADDING)
    mask = torch.zeros((len(rows), longest), dtype=torch.bool)
    for place, row in enumerate(rows):
        pieces[place, : len(row)] = torch.tensor(row)
        mask[place, : len(row)] = True
    return pieces, mask


class _Half(nn.Module):
    """What is read at a glance, or the rest, as a network of its own."""

    def __init__(self, network: Network, read: Callable[[Tensor], tuple[Tensor, Tensor]]) -> None:
        super().__init__()
        self.network, self._read = network, read

    def forward(self, given: Tensor) -> tuple[Tensor, Tensor]:
        return self._read(given)


def export(network: Network, lower: Path, upper: Path) -> None:
    """Write both halves of the network for one text at a time, their weights in 8 bits."""
    network.eval()
    pieces = torch.zeros((1, 8), dtype=torch.long)
    with torch.no_grad():
        states, _ = network.look(pieces)
    _write(_Half(network, network.look), pieces, lower, "pieces", ["states", "ask"])
    _write(_Half(network, network.read_on), states, upper, "states", ["heads", "vector"])


def _write(half: nn.Module, example: Tensor, path: Path, takes: str, gives: list[str]) -> None:
    import onnx  # noqa: PLC0415
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    half.eval()
    full = path.with_suffix(".full.onnx")
    torch.onnx.export(
        half,
        (example,),
        str(full),
        input_names=[takes],
        output_names=gives,
        dynamic_shapes=({1: torch.export.Dim("length", min=2, max=_LONGEST)},),
        opset_version=20,  # the first that has the activation as one step
        external_data=False,
        verbose=False,
    )
    simple = onnx.load(str(full))
    # Shapes of the example, which quantising would take at their word.
    del simple.graph.value_info[:]
    onnx.save(simple, str(full))
    quantize_dynamic(str(full), str(path), weight_type=QuantType.QInt8, per_channel=True)
    full.unlink()


def _fill(parameter: Tensor, values: NDArray[np.float32]) -> None:
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.ascontiguousarray(values)))
