"""Runs one stage under the profiler of the standard library and prints where its time goes."""

import cProfile
import pstats
import threading
import time

from askwatch.backends import Backends
from askwatch.events import EVENTS
from askwatch.process import Process
from bench.drain import PROGRESS, make_stage
from bench.filling import fill_leads, fill_posts, make_leads
from bench.room import SQLITE, Room

NAMES = ("collectors", *PROGRESS)
_LINES = 30
_LOOK_S = 0.05
# A stage that has done nothing for so long has nothing left.
_STILL_LOOKS = 120


def profile(room: Room, name: str) -> None:
    """Profile the stage `name` on what `room` measures with, and print its top functions."""
    # Time on the processor alone: waiting and other people's work do not count.
    profiler = cProfile.Profile(time.thread_time)
    with room.opened(SQLITE) as backends:
        if name == "collectors":
            posts = room.make_posts(room.amounts.posts)
            profiler.enable()
            fill_posts(backends, posts, room.clock)
            profiler.disable()
        else:
            _prepare(room, backends, name)
            _work_off(make_stage(name, backends, room.clock), name, profiler)
    pstats.Stats(profiler).strip_dirs().sort_stats(pstats.SortKey.TIME).print_stats(_LINES)


def _prepare(room: Room, backends: Backends, name: str) -> None:
    if name == "nlp":
        fill_posts(backends, room.make_posts(room.amounts.posts), room.clock)
        return
    fill_leads(backends, make_leads(backends, room, room.amounts.leads))
    before = {"delivery": ("router",), "relay": ("router",), "index": ("router", "relay")}
    for stage in before.get(name, ()):
        _work_off(make_stage(stage, backends, room.clock), stage, None)
    if name == "index":
        room.say(f"{backends.bus.size(EVENTS)} facts to project")


def _work_off(process: Process, stage: str, profiler: cProfile.Profile | None) -> None:
    """Run `process` in this thread until it stands still; threads of its own are not profiled."""
    stop = threading.Event()
    watching = threading.Thread(target=_watch, args=(process, stage, stop), daemon=True)
    watching.start()
    if profiler:
        profiler.runcall(process.run, stop)
    else:
        process.run(stop)
    watching.join()


def _watch(process: Process, stage: str, stop: threading.Event) -> None:
    done, still = 0, 0
    while still < _STILL_LOOKS or not done:
        stop.wait(_LOOK_S)
        now_done = int(str(process.stats()[PROGRESS[stage]]))
        still = still + 1 if now_done == done else 0
        done = now_done
    stop.set()
