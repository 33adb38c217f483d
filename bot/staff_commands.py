"""Define the commands of `hallpass staff`."""

import click

from bot.forgetting_command import forget
from bot.sentences import plain_errors, settings_here
from bot.staff_account_commands import ACCOUNT_COMMANDS


@click.group()
def staff() -> None:
    """Look after who works at the help desk, and do at the command line what it does."""


for each in (*ACCOUNT_COMMANDS, forget):
    staff.add_command(each)


@staff.command()
@click.argument("username")
@click.option("--reason", required=True, help="Why; kept in the audit.")
@click.option("--district", help="The district's short name; needed when there are several.")
def unlock(username: str, reason: str, district: str | None) -> None:
    """Unlock the sign-in name USERNAME; its password stays as it is."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (a wrong setting is named before these slow imports)
    from bot.staff import unlock_name  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        click.echo(unlock_name(portal, district, username, reason))


@staff.command()
@click.option("--district", help="The district's short name; needed when there are several.")
def cases(district: str | None) -> None:
    """Show what waits for the help desk; that you looked is kept in the audit."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff import waiting_cases  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        for line in waiting_cases(portal, district):
            click.echo(line)


@staff.command()
@click.option("--district", help="The district's short name; needed when there are several.")
@click.option("--again", is_flag=True, help="Print also what was printed before.")
def registrations(district: str | None, *, again: bool) -> None:
    """Print as CSV what families registered for next year, each line once; the look is audited."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff import registration_lines  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        for line in registration_lines(portal, district, again=again):
            click.echo(line)


@staff.command("add-chat")
@click.option("--district", help="The district's short name; needed when there are several.")
def add_chat(district: str | None) -> None:
    """Print a code that lets one Telegram chat of staff be told of new cases; it is good for minutes."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff_chats import add_lines  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        for line in add_lines(settings, portal, district):
            click.echo(line)


@staff.command()
@click.option("--district", help="The district's short name; needed when there are several.")
def chats(district: str | None) -> None:
    """List the chats of staff that are told of new cases."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff_chats import chat_lines  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        for line in chat_lines(portal, district):
            click.echo(line)


@staff.command("remove-chat")
@click.argument("chat")
@click.option("--district", help="The district's short name; needed when there are several.")
def remove_chat(chat: str, district: str | None) -> None:
    """Tell CHAT, as `hallpass staff chats` names it, of no new cases any more."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.staff_chats import remove_chat as remove  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        click.echo(remove(portal, district, chat))
