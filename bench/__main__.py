"""`python -m bench`: measures, prints, and writes the page when asked to."""

import argparse
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from askwatch.observe import configure_logging
from bench.drain import DrainError
from bench.parts import baselines, feed, language, reading, routing, whole
from bench.picture import write_picture
from bench.profiling import NAMES, profile
from bench.report import PageError, Report, print_tables, write_page
from bench.room import QUICK, Amounts, Room, find_servers, load_average
from bench.servers import Servers

PARTS: dict[str, Callable[[Room], None]] = {
    "collectors": reading.measure,
    "nlp": language.measure,
    "router": routing.measure,
    "search": feed.measure,
    "whole": whole.measure,
}
PICTURE = "performance.svg"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and return the exit code."""
    options = _parse(arguments)
    configure_logging("ERROR", "text")
    # Whoever ends us early still gets processes stopped, streams and databases removed.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="askwatch-bench-", dir=options.folder) as folder:
        room = Room(
            folder=Path(folder),
            amounts=QUICK if options.quick else Amounts(),
            ask_share=options.asks / 100,
            servers=Servers() if options.embedded else find_servers(),
            given=options.posts,
        )
        if options.profile:
            profile(room, options.profile)
            return 0
        if room.servers.missing:
            room.left_out.append(
                f"{', '.join(room.servers.missing)}: not running, or not asked for"
            )
        machine = _describe_machine()
        print(machine)
        is_whole = _measure(room, options.only or list(PARTS))
        return _finish(room, options.output, machine) if is_whole else 1


def _measure(room: Room, names: Sequence[str]) -> bool:
    """Measure the baselines and each part; one that fails is named and the others go on."""
    baselines.measure(room)
    is_whole = True
    for name in names:
        try:
            PARTS[name](room)
        except DrainError as error:
            is_whole = False
            room.left_out.append(f"{name}: {error}")
            print(f"{name}: {error}", file=sys.stderr)
    return is_whole


def _finish(room: Room, output: Path | None, machine: str) -> int:
    tables = print_tables(
        Report(
            machine=f"{machine}; {load_average():.1f} at its end.",
            figures=room.figures,
            delays=room.delays,
            memory=room.memory,
            left_out=room.left_out,
        )
    )
    print(f"\n{tables}")
    if output is None:
        return 0
    try:
        write_page(output, tables)
    except PageError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    picture = output.parent / "images" / PICTURE
    write_picture(picture, room.figures, machine)
    print(f"\nwritten: {output} and {picture}")
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small amounts: below two minutes")
    parser.add_argument(
        "--only", action="append", choices=PARTS, metavar="PART", help=f"one of {', '.join(PARTS)}"
    )
    parser.add_argument("--posts", type=Path, help="JSON Lines of posts, instead of made ones")
    parser.add_argument(
        "--asks", type=float, default=0.5, help="how many of 100 made posts ask; default 0.5"
    )
    parser.add_argument("--embedded", action="store_true", help="leave the real servers out")
    parser.add_argument("--output", type=Path, help="page whose figures are replaced")
    parser.add_argument("--profile", choices=NAMES, help="profile one stage instead")
    parser.add_argument("--folder", type=Path, help="where files are made; default: temporary")
    return parser.parse_args(arguments)


def _describe_machine() -> str:
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}; load average {load_average():.1f} at the start"
    )


if __name__ == "__main__":
    sys.exit(main())
