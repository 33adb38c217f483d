"""Define `hallpass staff forget`."""

import click

from bot.sentences import plain_errors, settings_here


@click.command()
@click.argument("username")
@click.option("--reference", default="", help="Where the family's wish is on file; kept in the audit.")
@click.option("--district", help="The district's short name; needed when there are several.")
@click.option("--delete", "is_meant", is_flag=True, help="Do it; without it nothing is changed.")
@click.option("--demo", is_flag=True, help="Forget a family of the demo.")
def forget(username: str, reference: str, district: str | None, *, is_meant: bool, demo: bool) -> None:
    """Show what is kept of the family of USERNAME, what would go, and what stays and why.

    With --delete it goes, for good.
    """
    settings = settings_here(demo=demo)
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (a wrong setting is named before these slow imports)
    from bot.forgetting import forgotten_lines, plan_lines  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        lines = (
            forgotten_lines(portal, district, username, reference)
            if is_meant
            else plan_lines(portal, district, username)
        )
    for line in lines:
        click.echo(line)
