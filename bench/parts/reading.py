"""Collectors: the posts of a file, normalised, onto the bus."""

from bench.figures import KAFKA_PRODUCE, SQLITE_APPEND, Figure
from bench.filling import fill_posts
from bench.room import SQLITE, Room


def measure(room: Room) -> None:
    for mode in room.modes:
        posts = room.make_posts(room.amounts.posts)
        with room.opened(mode) as backends:
            duration_s = fill_posts(backends, posts, room.clock)
        room.add(
            Figure(
                f"collectors, {mode}",
                posts.count,
                duration_s,
                baseline=SQLITE_APPEND if mode == SQLITE else KAFKA_PRODUCE,
                mix=posts.describes,
            )
        )
