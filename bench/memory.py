"""Reads from /proc what processes hold, what they share, and what they have worked."""

import os
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.figures import Memory

_PROC = Path("/proc")
_LOOK_S = 1.0


class MemoryWatch:
    """Keeps the most that `pids` and their children were seen to hold; a context manager."""

    def __init__(self, pids: Sequence[int], *, names: Mapping[int, str]) -> None:
        self._pids, self._names = tuple(pids), dict(names)
        self._rss_kb: dict[int, int] = defaultdict(int)
        self._pss_kb: dict[int, int] = defaultdict(int)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def result(self, mode: str) -> Memory:
        """Return the figures by name; what has none are the fork server and its tracker."""
        rss: dict[str, float] = defaultdict(float)
        pss: dict[str, float] = defaultdict(float)
        for pid, size_kb in self._rss_kb.items():
            name = self._names.get(pid, "supervisor" if pid in self._pids else "fork server")
            rss[name] += size_kb / 1024
            pss[name] += self._pss_kb[pid] / 1024
        return Memory(mode, dict(rss), dict(pss))

    def _run(self) -> None:
        while not self._stop.is_set():
            self.look()
            self._stop.wait(_LOOK_S)

    def look(self) -> None:
        """Look at every process once."""
        for pid in list_family(self._pids):
            rss_kb, pss_kb = read_sizes(pid)
            self._rss_kb[pid] = max(self._rss_kb[pid], rss_kb)
            self._pss_kb[pid] = max(self._pss_kb[pid], pss_kb)


def list_family(pids: Sequence[int]) -> list[int]:
    """Return `pids` and all processes that descend from them."""
    children: dict[int, list[int]] = defaultdict(list)
    for path in _PROC.glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        children[int(fields[1])].append(int(path.parent.name))
    family, seen = list(pids), 0
    while seen < len(family):
        family += children[family[seen]]
        seen += 1
    return family


def read_sizes(pid: int) -> tuple[int, int]:
    """Return resident and proportional size in KiB; zeros of a process that is gone."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return sizes.get("Rss", 0), sizes.get("Pss", 0)


def read_work_s(pid: int) -> float:
    """Return the processor time that a process has used; 0.0 of one that is gone."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
