"""`askwatch dead`: records that could not be handled."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from askwatch.cli.options import DataOption, backends_of
from askwatch.clock import SystemClock

app = typer.Typer(no_args_is_help=True, help="List, show, replay and drop dead letters.")

StateOption = Annotated[str, typer.Option(help="open, replayed or dropped")]


@app.command("list")
def list_letters(*, state: StateOption = "open", limit: int = 50, data: DataOption = None) -> None:
    """Show what was given up, and why."""
    from askwatch.state import dead_letters

    with backends_of(data) as backends:
        letters = backends.database.read(
            lambda tx: dead_letters.list_letters(tx, state=state, limit=limit)
        )
    if not letters:
        typer.echo(f"no dead letters are {state}")
        return
    table = Table("id", "since", "group", "stream", "reason")
    for letter in letters:
        since = f"{letter.created_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(
            letter.dead_letter_id, since, letter.consumer_group, letter.stream, letter.reason
        )
    Console().print(table)


@app.command()
def show(dead_letter_id: str, *, data: DataOption = None) -> None:
    """Show one dead letter, with its record and where it failed."""
    from askwatch.state import dead_letters

    with backends_of(data) as backends:
        letter = backends.database.read(lambda tx: dead_letters.find(tx, dead_letter_id))
    for name, value in letter.model_dump(exclude={"value", "trace"}).items():
        typer.echo(f"{name + ':':<16} {value}")
    typer.echo(f"{'record:':<16} {letter.value.decode(errors='replace')}")
    typer.echo(f"failed in:\n{letter.trace}")


@app.command()
def replay(
    dead_letter_ids: Annotated[list[str] | None, typer.Argument(help="Ids, or use --all.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every open letter.")] = False,
    data: DataOption = None,
) -> None:
    """Send records to their stream once more; what had its effect already has it once."""
    from askwatch.state import dead_letters
    from askwatch.worker import replay as replay_one

    clock = SystemClock()
    with backends_of(data) as backends:
        chosen = list(dead_letter_ids or [])
        if every:
            letters = backends.database.read(lambda tx: dead_letters.list_letters(tx, limit=10_000))
            chosen = [letter.dead_letter_id for letter in letters]
        for dead_letter_id in chosen:
            replay_one(backends.database, backends.bus, dead_letter_id, clock=clock)
    typer.echo(f"{len(chosen)} replayed")


@app.command()
def drop(dead_letter_ids: list[str], *, data: DataOption = None) -> None:
    """Erase records for good; reason and place stay."""
    from askwatch.state import dead_letters

    now = SystemClock().now()
    with backends_of(data) as backends:
        for dead_letter_id in dead_letter_ids:
            backends.database.write(
                lambda tx, letter_id=dead_letter_id: dead_letters.drop(tx, letter_id, now=now)  # type: ignore[misc]  # a default binds the loop's value
            )
    typer.echo(f"{len(dead_letter_ids)} dropped")
