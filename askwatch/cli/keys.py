"""`askwatch keys`: API keys of machines."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from askwatch.cli.options import DataOption, backends_of
from askwatch.clock import SystemClock
from askwatch.model.expert import Role
from askwatch.model.ids import ExpertId

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")


@app.command()
def create(
    *,
    role: Annotated[Role, typer.Option(help="What the key may do.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    expert: Annotated[
        str | None, typer.Option(help="In whose name it may claim and hand in.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Print a new API key; it cannot be shown again."""
    from askwatch.state import api_keys, experts

    now = SystemClock().now()
    with backends_of(data) as backends:
        expert_id = ExpertId(expert) if expert else None
        if expert_id:
            backends.database.read(lambda tx: experts.find_expert(tx, expert_id))
        key, secret = backends.database.write(
            lambda tx: api_keys.create(tx, name=name, role=role, expert_id=expert_id, now=now)
        )
    typer.echo(
        f"key {key.key_id} may do what {role.value} may; keep it, it is shown once:", err=True
    )
    typer.echo(secret)


@app.command("list")
def list_keys(*, data: DataOption = None) -> None:
    """Show all keys, without the keys themselves."""
    from askwatch.state import api_keys

    with backends_of(data) as backends:
        keys = backends.database.read(api_keys.list_keys)
    table = Table("key", "name", "role", "expert", "state", "made", "last used")
    for key in keys:
        used = f"{key.used_at:%Y-%m-%d %H:%M}" if key.used_at else "never"
        state = "revoked" if key.is_revoked else "open"
        made = f"{key.created_at:%Y-%m-%d %H:%M}"
        table.add_row(key.key_id, key.name, key.role, key.expert_id or "", state, made, used)
    Console().print(table)


@app.command()
def revoke(key_id: str, *, data: DataOption = None) -> None:
    """Let a key open nothing any more."""
    from askwatch.state import api_keys

    with backends_of(data) as backends:
        backends.database.write(lambda tx: api_keys.revoke(tx, key_id))
    typer.echo(f"key {key_id} is revoked")
