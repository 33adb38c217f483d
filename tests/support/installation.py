"""Make the state folder and the environment of a safe installation with one safe district."""

from pathlib import Path

import pytest

SAFE = """\
name: Grand Bend ISD
portal_url: https://portal.example/public
time_zone: America/Chicago
help:
  default:
    phone: (361) 555-0100
"""
KEY = "a-random-enough-key-of-38-characters-0"
SAFE_ENVIRONMENT = {
    "HALLPASS_PUBLIC_URL": "https://hallpass.example",
    "HALLPASS_SECRET_KEY": KEY,
    "HALLPASS_SMTP_URL": "smtps://user:CANARY-mail@mail.example",
    "HALLPASS_MAIL_FROM": "portal@schools.example",
    "HALLPASS_API_KEY": "CANARY-key-long-enough",
}


def install(folder: Path, database_url: str, patch: pytest.MonkeyPatch) -> Path:
    """Return the state folder of an installation on that database, with its settings in the environment."""
    (folder / "districts").mkdir(parents=True)
    folder.chmod(0o700)
    (folder / "districts" / "grandbend.yml").write_text(SAFE)
    for name, value in SAFE_ENVIRONMENT.items():
        patch.setenv(name, value)
    patch.setenv("HALLPASS_VAR", str(folder))
    patch.setenv("HALLPASS_DATABASE_URL", database_url)
    return folder
