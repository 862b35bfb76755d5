"""What each step of the language stage lets through, and how fast it is on one core.

`python -m bench.cascade FILE... [--most N]` reads posts (JSON Lines with "text", also .gz) as a
stream would bring them; rates are posts per second of processor time.
"""

import argparse
import gzip
import json
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from askwatch.model.lead import Lane
from nlp.analysis import Analysis
from nlp.language import UNKNOWN
from nlp.model import packaged_model_dir
from nlp.normalise import lighten, normalise
from nlp.pipeline import Parts, load_parts
from nlp.screening import Screening
from nlp.understand import Understander

_BATCH = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="posts as a stream brings them")
    parser.add_argument("--most", type=int, default=3_000, help="so many posts of each file")
    parser.add_argument("--model", type=Path, help="model folder; default the packaged one")
    options = parser.parse_args()
    folder = options.model or packaged_model_dir()
    understander, parts = Understander(folder), load_parts(str(folder))
    for path in options.files:
        print(f"{path.name}: {_measure(understander, parts, _read(path, options.most))}")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at most {peak_mb:.0f} MB")


def _measure(understander: Understander, parts: Parts, texts: Sequence[str]) -> str:
    """Return a line about the steps on these posts."""
    lanes: list[Lane] = []
    passed = 0
    band: list[tuple[Analysis, Screening]] = []

    def gate(batch: Sequence[str]) -> list[bool]:
        return parts.model.gate.open([lighten(text) for text in batch])

    def fast(batch: Sequence[str]) -> None:
        nonlocal passed
        for text, is_open in zip(batch, gate(batch), strict=True):
            if is_open:
                analysis = parts.screener.analyse(normalise(text))
                screening = parts.screener.screen(analysis)
                passed += 1
                if parts.judge.is_open(screening):
                    band.append((analysis, screening))

    def whole(batch: Sequence[str]) -> None:
        lanes.extend(each.lane for each in understander.understand(batch))

    understander.understand(texts[:_BATCH])  # caches filled, before the time runs
    rates = [_rate(step, texts) for step in (gate, fast, whole)]
    leads = sum(lane is not Lane.NONE for lane in lanes)
    judged = [parts.judge.judge(*each, UNKNOWN) for each in band]
    read_on = sum(each.opinion is not None for each in judged)
    total = len(texts)
    return (
        f"{total} posts; the gate passes {passed / total:.1%}, the encoder glances at "
        f"{len(band) / total:.1%} and reads on in {read_on / total:.1%}, "
        f"leads {leads / total:.1%}\n  gate {rates[0]:.0f}, gate and fast part "
        f"{rates[1]:.0f}, whole cascade {rates[2]:.0f} posts/s"
    )


def _rate(step: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    start = time.process_time()
    for first in range(0, len(texts), _BATCH):
        step(texts[first : first + _BATCH])
    return len(texts) / (time.process_time() - start)


def _read(path: Path, most: int) -> list[str]:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    lines = [line for line in content.splitlines() if line.strip()]
    return [json.loads(line)["text"] for line in lines[:most]]


if __name__ == "__main__":
    main()
