"""Whether reasons are faithful: how often hiding the first span of a lead lowers its probability.

`python -m bench.reasons FILE...` reads labelled posts (JSON Lines with "text" and "intent"), takes
the asks that are found, and prints the share by language and by kind of the first reason, with the
time that such a post takes.
"""

import argparse
import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from askwatch.model.lead import Lane, Understanding
from nlp.model import ASKS
from nlp.reasons import hide
from nlp.understand import Understander


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="labelled posts")
    parser.add_argument("--model", type=Path, help="model folder; default the packaged one")
    parser.add_argument("--most", type=int, default=1_000, help="so many asks are read")
    options = parser.parse_args()
    understander = Understander(options.model)
    rows = sorted((row for path in options.files for row in _read(path)), key=_place)
    leads, lower, kinds = Counter[str](), Counter[str](), Counter[str]()
    times_s: list[float] = []
    for row in rows[: options.most]:
        start = time.process_time()
        (understood,) = understander.understand([row["text"]])
        took_s = time.process_time() - start
        if understood.lane is Lane.NONE:
            continue
        times_s.append(took_s)
        leads[understood.lang] += 1
        lower[understood.lang] += _is_faithful(understander, row["text"], understood)
        kinds[understood.reasons[0].kind if understood.reasons else "none"] += 1
    if not times_s:
        raise SystemExit("none of these posts is a lead")
    for lang, total in sorted(leads.items()):
        print(f"{lang}: {lower[lang]} of {total} leads")
    share = lower.total() / leads.total()
    print(f"all: {lower.total()} of {leads.total()} leads, {share:.1%}")
    print("first reason: " + ", ".join(f"{kind} {n}" for kind, n in kinds.most_common()))
    times_s.sort()
    middle, most = times_s[len(times_s) // 2], times_s[int(len(times_s) * 0.95)]
    print(f"processor time a lead: median {middle * 1e3:.0f} ms, 95 % below {most * 1e3:.0f} ms")


def _is_faithful(understander: Understander, text: str, understood: Understanding) -> bool:
    first = next(iter(understood.reasons), None)
    if first is None or first.weight <= 0:
        return False
    (after,) = understander.understand([hide(text, first.start, first.end)])
    return after.probability < understood.probability


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["intent"] in set(ASKS):
                yield row


def _place(row: dict[str, Any]) -> bytes:
    """Return the same mixed order of posts every time."""
    return hashlib.sha256(row["text"].encode()).digest()


if __name__ == "__main__":
    main()
