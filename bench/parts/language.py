"""The language stage: its paths alone, and the whole process."""

from collections import Counter
from collections.abc import Sequence

from askwatch.events import LEADS
from askwatch.model.lead import Lane, Understanding
from askwatch.state import topics
from bench.drain import drain
from bench.figures import JSON_PARSE, Figure, describe_counts
from bench.filling import fill_posts
from bench.room import SQLITE, Room
from nlp.topics import TopicIndex
from nlp.understand import Understander, index_topics

_BATCH = 500


def measure(room: Room) -> None:
    _measure_paths(room)
    for mode in room.modes:
        for processes in room.amounts.processes:
            _measure_stage(room, mode, processes)


def _measure_paths(room: Room) -> None:
    with room.opened(SQLITE) as backends:
        active = index_topics(backends.database.read(topics.list_active))
    understander = Understander()
    posts = room.make_posts(room.amounts.posts)
    texts = posts.texts()
    understander.understand(texts[:_BATCH], topics=active)  # caches filled, before the time runs
    duration_s, found = _understand(room, understander, texts, active)
    dropped = understander.understand([""], topics=active)[0]
    passed = sum(each is not dropped for each in found)
    share = _lead_share(found)
    room.add(
        Figure(
            "nlp, the mix, no bus",
            len(texts),
            duration_s,
            baseline=JSON_PARSE,
            mix=f"{posts.describes}; {passed / len(texts):.1%} pass the gate; {_lanes(found)}",
            lead_share=share,
        )
    )
    closed = [text for text, each in zip(texts, found, strict=True) if each is dropped]
    if closed:
        duration_s, found = _understand(room, understander, closed, active)
        mix = "only posts that the gate drops"
        room.add(
            Figure(
                "nlp, gate only", len(closed), duration_s,
                baseline=JSON_PARSE, mix=mix, lead_share=0.0,
            )
        )  # fmt: skip
    some = texts[: room.amounts.complete_posts]
    duration_s, found = _understand(room, understander, some, active, is_complete=True)
    mix = f"every step for every post; {_lanes(found)}"
    room.add(
        Figure(
            "nlp, whole path", len(some), duration_s,
            baseline=JSON_PARSE, mix=mix, lead_share=_lead_share(found),
        )
    )  # fmt: skip


def _understand(
    room: Room,
    understander: Understander,
    texts: Sequence[str],
    active: TopicIndex | None,
    *,
    is_complete: bool = False,
) -> tuple[float, list[Understanding]]:
    found: list[Understanding] = []
    began_s = room.clock.monotonic()
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        found += understander.understand(batch, topics=active, is_complete=is_complete)
    return room.clock.monotonic() - began_s, found


def _measure_stage(room: Room, mode: str, processes: int) -> None:
    posts = room.make_posts(room.amounts.posts)
    with room.opened(mode) as backends:
        fill_posts(backends, posts, room.clock)
        done = drain(
            "nlp",
            backends.settings,
            expected=posts.count,
            processes=processes,
            is_joining_free=True,
        )
        leads = backends.bus.size(LEADS)
    room.add(
        Figure(
            f"nlp, whole stage, {mode}",
            done.count,
            done.duration_s,
            processes=processes,
            baseline=JSON_PARSE,
            mix=posts.describes,
            lead_share=leads / posts.count,
        )
    )


def _lead_share(found: Sequence[Understanding]) -> float:
    return sum(each.lane is not Lane.NONE for each in found) / max(1, len(found))


def _lanes(found: Sequence[Understanding]) -> str:
    return describe_counts(Counter(each.lane.value for each in found if each.lane is not Lane.NONE))
