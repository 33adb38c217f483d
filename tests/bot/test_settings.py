"""Settings come from the environment alone, and secrets stay out of sight."""

from pathlib import Path

import pytest

from bot.settings import read_settings
from portal.core.errors import SettingsError


def test_demo_fills_in_its_key_and_its_district(tmp_path: Path) -> None:
    settings = read_settings({"HALLPASS_VAR": str(tmp_path)}, demo=True)

    assert (settings.api_key, settings.district) == ("demo", "westborough")


def test_without_the_demo_there_is_no_key_until_one_is_set(tmp_path: Path) -> None:
    settings = read_settings({"HALLPASS_VAR": str(tmp_path), "HALLPASS_API_KEY": ""})

    assert settings.api_key is None
    assert settings.district is None


def test_state_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    settings = read_settings({"HALLPASS_VAR": str(tmp_path / "state")})

    assert settings.var.stat().st_mode & 0o777 == 0o700
    assert settings.database_url == f"sqlite:///{tmp_path / 'state' / 'hallpass.db'}"


def test_secrets_are_not_in_the_repr(tmp_path: Path) -> None:
    secrets = {"HALLPASS_SECRET_KEY": "CANARY-a", "HALLPASS_API_KEY": "CANARY-b"}

    settings = read_settings(
        {"HALLPASS_VAR": str(tmp_path), "HALLPASS_DATABASE_URL": "postgresql://u:CANARY-c@h/d", **secrets}
    )

    assert "CANARY" not in repr(settings)


def test_https_address_makes_the_installation_secure(tmp_path: Path) -> None:
    plain = read_settings({"HALLPASS_VAR": str(tmp_path)})
    public = read_settings({"HALLPASS_VAR": str(tmp_path), "HALLPASS_PUBLIC_URL": "https://help.example"})

    assert (plain.secure, public.secure) == (False, True)


def test_demo_is_reached_where_it_is_served_unless_an_address_is_set(tmp_path: Path) -> None:
    var = {"HALLPASS_VAR": str(tmp_path)}

    served = read_settings(var, demo=True, demo_url="http://127.0.0.1:9000")
    given = read_settings({**var, "HALLPASS_PUBLIC_URL": "https://help.example"}, demo=True)

    assert (served.public_url, given.public_url) == ("http://127.0.0.1:9000", "https://help.example")
    assert read_settings(var).public_url is None


def test_password_of_the_mail_server_is_not_in_the_repr(tmp_path: Path) -> None:
    settings = read_settings({"HALLPASS_VAR": str(tmp_path), "HALLPASS_SMTP_URL": "smtp://u:CANARY@h"})

    assert settings.smtp_url == "smtp://u:CANARY@h"
    assert "CANARY" not in repr(settings)


def test_a_model_that_may_be_fetched_is_named_by_its_commit(tmp_path: Path) -> None:
    var, commit = {"HALLPASS_VAR": str(tmp_path)}, "a" * 40

    named = read_settings({**var, "HALLPASS_VOICE_HUB": f"multi=Systran/faster-whisper-small@{commit}"})

    assert named.voice_hub["multi"].revision == commit
    assert read_settings(var).voice_hub == {}
    with pytest.raises(SettingsError, match="one commit"):
        read_settings({**var, "HALLPASS_VOICE_HUB": "multi=Systran/faster-whisper-small@main"})
