"""A tiny file of weights, written as the pretrained ones are."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HIDDEN, LAYERS, HEADS, WIDE, POSITIONS = 32, 3, 2, 64, 300
LETTERS = "abcdefghijklmnopqrstuvwxyz?.,"
WORDS = ["▁who", "▁knows", "▁a", "▁good", "▁crm", "▁the", "▁cat", "▁sat", "▁nogen", "▁kender"]
PIECES = [
    ("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0),
    *((letter, -6.0) for letter in LETTERS), *((word, -4.0) for word in WORDS),
]  # fmt: skip


def write_weights(
    path: Path, *, four_bits: tuple[str, ...] = ("l0.q.w",)
) -> dict[str, NDArray[np.float32]]:
    """Write the file; return the tensors as they were before those of 4 bits were rounded."""
    chance = np.random.default_rng(7)
    shapes = {
        "emb.word": (len(PIECES), HIDDEN), "emb.pos": (POSITIONS, HIDDEN), "emb.type": (1, HIDDEN),
        "emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,),
    }  # fmt: skip
    for layer in range(LAYERS):
        for name in ("q", "k", "v", "ao"):
            shapes[f"l{layer}.{name}.w"] = (HIDDEN, HIDDEN)
            shapes[f"l{layer}.{name}.b"] = (HIDDEN,)
        shapes |= {
            f"l{layer}.fi.w": (WIDE, HIDDEN), f"l{layer}.fi.b": (WIDE,),
            f"l{layer}.fo.w": (HIDDEN, WIDE), f"l{layer}.fo.b": (HIDDEN,),
        }  # fmt: skip
        for name in ("aln", "oln"):
            shapes |= {f"l{layer}.{name}.w": (HIDDEN,), f"l{layer}.{name}.b": (HIDDEN,)}
    tensors = {
        name: chance.normal(0, 0.1, shape).astype(np.float32).reshape(-1)
        for name, shape in shapes.items()
    }
    head = b"E5S1" + struct.pack("<i", 1)
    head += struct.pack("<7i", HIDDEN, LAYERS, HEADS, WIDE, len(PIECES), POSITIONS, 1)
    head += struct.pack("<fi", 1e-12, 32) + struct.pack("<5i", len(PIECES), 0, 1, 2, 3)
    blob = "".join(piece for piece, _ in PIECES).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece, _ in PIECES)]).astype("<u4")
    scores = np.array([score for _, score in PIECES], dtype="<f4")
    head += struct.pack("<Q", len(blob)) + ends.tobytes() + scores.tobytes() + blob
    head += struct.pack("<iI", 0, 0) + struct.pack("<i", len(tensors))
    stored = {
        name: _round(values) if name == "l0.q.w" else values.tobytes()
        for name, values in tensors.items()
    }
    start = len(head) + sum(2 + len(name) + 1 + 4 + 16 for name in stored)
    directory, body = b"", b""
    for name, raw in stored.items():
        directory += struct.pack("<H", len(name)) + name.encode() + b"\0"
        directory += struct.pack("<I", tensors[name].size)
        directory += struct.pack("<QQ", start + len(body), len(raw))
        body += raw
    path.write_bytes(head + directory + body)
    return tensors


def _round(values: NDArray[np.float32]) -> bytes:
    """Return 4 bits a weight: a scale for 32 of them, then the low and the high halves."""
    parts = []
    for block in values.reshape(-1, 32):
        scale = np.float16(max(float(np.abs(block).max()) / 7, 1e-4))
        halves = np.clip(np.rint(block / np.float32(scale)) + 8, 0, 15).astype(np.uint8)
        parts.append(scale.tobytes() + (halves[:16] | (halves[16:] << 4)).tobytes())
    return b"".join(parts)
