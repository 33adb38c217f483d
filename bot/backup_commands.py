"""Define `hallpass backup` and `hallpass restore`."""

from pathlib import Path

import click

from bot.sentences import plain_errors, settings_here


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-key", is_flag=True, help="Leave the key out; without it nothing can be read again.")
def backup(path: Path, *, without_key: bool) -> None:
    """Write the database, the key and the districts' files to PATH, while all goes on working."""
    settings = settings_here()
    from bot.backing_up import backed_up  # noqa: PLC0415  (a wrong setting is named before these slow imports)

    with plain_errors():
        for line in backed_up(settings, path, with_key=not without_key):
            click.echo(line)


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, exists=True, path_type=Path))
def restore(path: Path) -> None:
    """Bring the backup PATH back into an empty database and an empty state folder."""
    settings = settings_here()
    from bot.restoring import restored  # noqa: PLC0415  (as above)

    with plain_errors():
        for line in restored(settings, path):
            click.echo(line)
