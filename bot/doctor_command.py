"""Define `hallpass doctor`."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import click

from bot.sentences import plain_errors, settings_here


@click.command()
@click.option("--demo", is_flag=True, help="Look at the demo's settings.")
@click.option("--connect", is_flag=True, help="Talk to the mail server, Telegram and the public address.")
@click.option("--backups", type=click.Path(path_type=Path), help="Their folder, if not HALLPASS_BACKUPS.")
@click.option("--json", "as_json", is_flag=True, help="Print it for a program.")
def doctor(backups: Path | None, *, demo: bool, connect: bool, as_json: bool) -> None:
    """Print every setting, what is legacy, unsafe or wrong, and what to do about each.

    The exit status is 1 when something is unsafe or wrong.
    """
    settings = settings_here(demo=demo)
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (a wrong setting is named before these imports)
    from bot.doctor import as_values, examine, sheet  # noqa: PLC0415
    from bot.doctor.connecting import look_elsewhere  # noqa: PLC0415
    from bot.doctor.looking import look_here  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        found = examine(settings, portal)
        looked = [*look_here(settings, portal, backups or settings.backups)]
        now = portal.clock.now().timestamp()
    if connect:
        looked += asyncio.run(look_elsewhere(settings, now))
    found = replace(found, looked=tuple(looked))
    lines = [json.dumps(as_values(found), ensure_ascii=False, indent=2)] if as_json else sheet(found)
    for line in lines:
        click.echo(line)
    if not found.is_safe:
        raise SystemExit(1)
