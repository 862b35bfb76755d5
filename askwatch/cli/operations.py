"""Commands that look after an installation: status, migrate, apply, reindex, audit, sign-in."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from askwatch.cli.options import DataOption, JsonOption, backends_of, load_settings
from askwatch.clock import SystemClock
from askwatch.errors import ConfigurationError
from askwatch.model.ids import ExpertId


def add_to(app: typer.Typer) -> None:
    """Register the commands of this module."""
    for command in (status, migrate, apply, reindex, audit):
        app.command()(command)
    app.command("sign-in")(sign_in)


def status(*, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show posts, leads, alerts, deliveries, lag, dead letters and each process."""
    from askwatch.cli.status_table import print_status
    from askwatch.status import collect_status

    clock = SystemClock()
    with backends_of(data) as backends:
        found = collect_status(database=backends.database, bus=backends.bus, clock=clock)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        print_status(found, Console())


def migrate(*, data: DataOption = None) -> None:
    """Bring database, streams and index up to date; again changes nothing."""
    from askwatch.backends import opened, prepare
    from askwatch.state.migrate import current_revision

    clock = SystemClock()
    with opened(load_settings(data), clock=clock) as backends:
        prepare(backends, clock=clock)
        typer.echo(f"the schema stands at revision {current_revision(backends.database)}")


def apply(
    file: Annotated[Path, typer.Argument(help="The company file, e.g. company.toml.")],
    *,
    dry_run: Annotated[bool, typer.Option(help="Only show what would change.")] = False,
    data: DataOption = None,
) -> None:
    """Bring topics, experts, sources and policies in; what the file says is what there is."""
    from askwatch.backends import opened, prepare
    from askwatch.cli import company
    from askwatch.cli.company_file import read_company

    wanted = read_company(file)
    company.check_policies(wanted, str(file))
    clock = SystemClock()
    with opened(load_settings(data), clock=clock) as backends:
        prepare(backends, clock=clock)
        database, now = backends.database, clock.now()
        if dry_run:
            changes = database.read(lambda tx: company.find_changes(tx, wanted))
        else:
            changes = database.write(lambda tx: company.apply(tx, wanted, actor="cli", now=now))
    for change in changes:
        typer.echo(str(change))
    verb = "would change" if dry_run else "changed"
    typer.echo(f"{len(changes)} {verb}" if changes else "nothing to change")


def reindex(*, data: DataOption = None) -> None:
    """Build the feed's index anew from the database, while searches go on."""
    from askwatch.projection import reindex as rebuild

    clock = SystemClock()
    with backends_of(data) as backends, Progress(transient=True) as progress:
        task = progress.add_task("reading leads", total=None)
        count = rebuild(
            database=backends.database,
            index=backends.index,
            clock=clock,
            on_progress=lambda done: progress.update(task, completed=done),
        )
    typer.echo(f"{count} leads indexed")


def audit(*, data: DataOption = None) -> None:
    """Look for violations of what must always hold; exit code 1 when there are any."""
    from router.audit import find_violations

    clock = SystemClock()
    with backends_of(data) as backends:
        violations = find_violations(backends.database, clock)
    for violation in violations:
        typer.echo(str(violation))
    typer.echo(f"{len(violations)} violations")
    if violations:
        raise typer.Exit(1)


def sign_in(
    expert: Annotated[str, typer.Argument(help="The expert's id or e-mail address.")],
    *,
    hours: Annotated[float, typer.Option(min=0.1, max=168, help="How long it is good.")] = 24.0,
    data: DataOption = None,
) -> None:
    """Print a link that signs one person in once."""
    from askwatch.state import experts
    from askwatch.state import sign_in as links

    now = SystemClock().now()
    with backends_of(data) as backends:
        database = backends.database
        found = database.read(lambda tx: experts.find_by_email(tx, expert)) if "@" in expert else (
            database.read(lambda tx: experts.find_expert(tx, ExpertId(expert)))
        )  # fmt: skip
        if found is None or not found.is_active:
            raise ConfigurationError(f"nobody active has the address or id {expert!r}")
        token = database.write(
            lambda tx: links.create_link(
                tx, found.expert_id, now=now, duration=timedelta(hours=hours)
            )
        )
        typer.echo(f"{backends.settings.public_url}/sign-in/{token}")
