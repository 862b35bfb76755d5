"""The commands of `askwatch`; each loads what it needs only when it is called."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from askwatch.cli import backtest, dead, keys, language, learn, operations, replay
from askwatch.cli.options import DataOption, load_settings
from askwatch.errors import AskwatchError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Finds public posts that ask for a vendor or a person, and tells who can answer best.",
)
operations.add_to(app)
app.command()(replay.replay)
language.add_to(app)
app.command()(backtest.backtest)
app.add_typer(learn.app, name="learn")
app.add_typer(keys.app, name="keys")
app.add_typer(dead.app, name="dead")


@app.command()
def up(
    *,
    data: DataOption = None,
    port: Annotated[int | None, typer.Option(help="Port of the pages and the API.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    company: Annotated[
        Path | None, typer.Option(help="company.toml to apply at the start.", exists=True)
    ] = None,
) -> None:
    """Run everything on this machine, with a demonstration company when none is configured."""
    from askwatch.cli.up import up as run_all

    settings = load_settings(data, port=port, host=host, company_file=company)
    run_all(settings, say=typer.echo)


@app.command()
def run(
    name: Annotated[
        str,
        typer.Argument(help="collectors, nlp, router, timers, delivery, relay, index or api"),
    ],
    *,
    data: DataOption = None,
    port: Annotated[int | None, typer.Option(help="Port of the API.")] = None,
    host: Annotated[str | None, typer.Option(help="Address the API listens on.")] = None,
) -> None:
    """Run one process, as in production; any number of each may run."""
    from askwatch.cli.run import run_process

    run_process(name, load_settings(data, port=port, host=host))


def main() -> None:
    """Run the command line; an error of ours is one clear sentence and exit code 1."""
    try:
        app()
    except AskwatchError as error:
        typer.echo(f"askwatch: {error}", err=True)
        sys.exit(1)
