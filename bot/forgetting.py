"""Forget a family at the command line: first what would go, then, when it is meant, the deed."""

from collections.abc import Iterator

from bot.staff import chosen, printable, table, who
from portal.core.errors import SettingsError
from portal.core.outcomes import Refused
from portal.forgetting.outcomes import REFERENCE, Forgotten, GoesWith, Plan
from portal.forgetting.tidying import Tidied, tidy
from portal.transaction import Portal

TIDIED = {
    Tidied.REWRITTEN: "The database file was written anew: nothing of what was deleted stands in it.",
    Tidied.BUSY: "Others read the database just now, so its file still holds deleted bytes: run this again.",
    Tidied.LATER: "PostgreSQL overwrites deleted rows in its own time; VACUUM FULL does it at once.",
}
UNNAMED = "Chats in which nobody ever signed in hang on no account; they go after chat_history_days."
BACKUPS = "Backups that were made before still hold the family: delete them when their time is over."


def plan_lines(portal: Portal, district: str | None, username: str) -> list[str]:
    """Return the lines that show what would go and what would stay; nothing is changed."""
    with portal.begin(read_only=True) as tx:
        slug = chosen(district, [found.slug for found in tx.districts.all()])
        plan = tx.forgetting.plan(slug, username)
    if isinstance(plan, GoesWith):
        return [_goes_with(username, plan)]
    if isinstance(plan, Refused):
        return [
            f"Nothing is kept in {slug} of the name {printable(username)}: it was forgotten, or never was."
        ]
    return [
        f"Of {printable(plan.username)} in {slug} would go:",
        *_counted(plan),
        "Nothing was changed. To delete it for good, say where the family's wish is on file:",
        f"  hallpass staff forget {printable(plan.username)} --district {slug} --reference NUMBER --delete",
    ]


def forgotten_lines(portal: Portal, district: str | None, username: str, reference: str) -> list[str]:
    """Forget the family and return the lines that say what went; done before, nothing is done."""
    if not REFERENCE.fullmatch(reference):
        message = (
            "Nothing was deleted: --reference says where the family's wish is on file, as in --reference "
            "2026-0147; letters, digits and . _ / - only, for it is kept for good and must name nobody."
        )
        raise SettingsError(message)
    with portal.begin() as tx:
        slug = chosen(district, [found.slug for found in tx.districts.all()])
        outcome = tx.forgetting.forget(slug, username, by=who(), reference=reference)
    if isinstance(outcome, GoesWith):
        return [_goes_with(username, outcome)]
    # Also where nobody was found: the time before, others may have kept the file from being written anew.
    after = [TIDIED[tidy(portal.engine)], BACKUPS]
    if isinstance(outcome, Refused):
        return [f"Nothing is kept in {slug} of the name {printable(username)}: nothing to do.", *after]
    return [*_done(outcome), *after]


def _done(outcome: Forgotten) -> Iterator[str]:
    yield f"Of {printable(outcome.plan.username)} in {outcome.plan.district} this went:"
    yield from _counted(outcome.plan)


def _counted(plan: Plan) -> Iterator[str]:
    yield from table(
        ("rows", "what goes"), [(str(count), kind.value) for kind, count in plan.goes.items() if count]
    )
    yield ""
    yield from table(
        ("rows", "what stays, and why"),
        [(str(count), why.value) for why, count in plan.stays.items() if count] or [("0", "Nothing.")],
    )
    yield ""
    yield UNNAMED
    if plan.moved:
        yield f"{plan.moved} registered course(s) stay with another account of the child."
    if plan.unfetched:
        yield (
            f"{plan.unfetched} registered course(s) were never fetched by the school and count no more: "
            "hallpass staff registrations fetches them."
        )
    if plan.is_told:
        yield "The family is told by a last mail; its address goes when that mail has left."
    else:
        yield "No mail tells the family: nobody ever confirmed its address. Tell them another way."


def _goes_with(username: str, other: GoesWith) -> str:
    return (
        f"{printable(username)} was merged into {printable(other.username)} and goes when that one goes: "
        "name that one."
    )
