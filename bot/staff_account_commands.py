"""Define the commands of `hallpass staff` that are about the accounts of staff."""

import click

from bot.sentences import plain_errors, settings_here

ROLES = ("desk", "school_administrator", "district_administrator", "auditor")
REASON = click.option("--reason", required=True, help="Why; kept in the audit.")


@click.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Their name, as colleagues read it.")
@click.option("--role", type=click.Choice(ROLES), default="desk", show_default=True)
@click.option("--school", "schools", multiple=True, help="A school administrator's school; may be repeated.")
@click.option("--district", help="The district's short name; needed when there are several.")
def add_member(email: str, name: str, role: str, schools: tuple[str, ...], district: str | None) -> None:
    """Invite EMAIL to the console and print the link that sets up their sign-in."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (a wrong setting is named before these slow imports)
    from bot.staff_accounts import add  # noqa: PLC0415
    from portal.helpdesk.staff.outcomes import NewStaff  # noqa: PLC0415
    from portal.helpdesk.staff.roles import Role  # noqa: PLC0415

    new = NewStaff(district or "", email, name, Role(role))
    with plain_errors(), opened_portal(settings) as portal:
        _print(add(settings, portal, new, schools))


@click.command("list")
@click.option("--district", help="The district's short name; needed when there are several.")
def list_members(district: str | None) -> None:
    """List who works at the help desk."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff_accounts import listed  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        _print(listed(portal, district))


@click.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--school", "schools", multiple=True, help="A school administrator's school; may be repeated.")
def change_role(email: str, role: str, schools: tuple[str, ...]) -> None:
    """Give EMAIL another ROLE; it counts at once."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff_accounts import change_role as change  # noqa: PLC0415
    from portal.helpdesk.staff.roles import Role  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        click.echo(change(portal, email, Role(role), schools))


@click.command("disable")
@click.argument("email")
@REASON
def disable_member(email: str, reason: str) -> None:
    """Let EMAIL go: signed out at once, and no way in any more."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff_accounts import disable  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        click.echo(disable(portal, email, reason))


@click.command("enable")
@click.argument("email")
@REASON
def enable_member(email: str, reason: str) -> None:
    """Let EMAIL back who was let go."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff_accounts import enable  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        click.echo(enable(portal, email, reason))


@click.command("reset-factor")
@click.argument("email")
@REASON
def reset_factor(email: str, reason: str) -> None:
    """Void what EMAIL signs in with, lost or locked, and print the link that sets it up anew."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff_accounts import reset  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        _print(reset(settings, portal, email, reason))


@click.command("code")
@click.argument("email")
def show_code(email: str) -> None:
    """Print the code that the app of EMAIL shows now: in the demo, where nobody has that app."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff_accounts import demo_code  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        click.echo(demo_code(settings, portal, email))


def _print(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)


ACCOUNT_COMMANDS = (
    add_member,
    list_members,
    change_role,
    disable_member,
    enable_member,
    reset_factor,
    show_code,
)
