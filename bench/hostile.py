"""Measures the processor time of hostile texts: `python -m bench.hostile`, the worst first."""

import sys
import time

from nlp.understand import Understander

# Each is repeated until it is longer than what is read of a post.
_PIECES = (
    "a", "? ", "?", "a ", "recommend ", "#tag ", "by before until ", "12 345 678 ",
    "1,000.000,000 kr", "www.a.", "@", "-'/&", "'", "\n", "\u0436 ", "\U0001d5d4", "h\u0301",
)  # fmt: skip
_LENGTH = 20_000
_REPEATS = 3


def measure(understander: Understander, text: str) -> float:
    """Return the least processor time of several readings of a text, in milliseconds."""
    spent = []
    for _ in range(_REPEATS):
        begun = time.process_time()
        understander.understand([text], is_complete=True)
        spent.append(time.process_time() - begun)
    return min(spent) * 1_000


def main() -> None:
    """Print the time of each text."""
    understander = Understander()
    understander.understand(["warm"], is_complete=True)
    times = [
        (measure(understander, piece * (_LENGTH // len(piece) + 1)), piece) for piece in _PIECES
    ]
    for spent, piece in sorted(times, reverse=True):
        sys.stdout.write(f"{spent:7.1f} ms  {piece!r}\n")


if __name__ == "__main__":
    main()
