"""Take a parent's access to a child away, in the middle of a conversation."""

from pathlib import Path

from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school_work import write_school_with_work


def close_record(portal: Portal, folder: Path, *keys: str) -> None:
    """Let the school close the records of students, by their keys in the files ("S1" is Maya)."""
    users = write_school_with_work(folder) / "users.csv"
    text = users.read_text("utf-8")
    for key in keys:
        text = text.replace(f"{key},,,true", f"{key},,,false")
    users.write_text(text, "utf-8")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(folder))


def unlink(portal: Portal, number: str, username: str = "mlopez") -> None:
    """Take a child from an account."""
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", username)
        child = tx.imports.find_student("westborough", number)
        assert account is not None
        assert child is not None
        tx.links.unlink(account.account_id, child.id)
