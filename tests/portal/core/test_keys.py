"""Keys come from one secret outside the database, and secrets do not print."""

import stat
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken

from portal.core.errors import SettingsError
from portal.core.keys import Keys, fingerprint, load_keys
from portal.core.secret import Secret


def test_mac_depends_on_the_purpose_and_on_where_parts_end(keys: Keys) -> None:
    macs = {keys.mac("a", "x", "yz"), keys.mac("a", "xy", "z"), keys.mac("b", "x", "yz")}

    assert len(macs) == 3
    assert keys.mac("a", "x", "yz") in macs


def test_sealed_bytes_open_with_the_same_secret_only(keys: Keys) -> None:
    sealed = keys.encrypt(b"a parent's words")

    assert b"parent" not in sealed
    assert keys.decrypt(sealed) == b"a parent's words"
    with pytest.raises(InvalidToken):
        Keys(b"another secret that is long enough too").decrypt(sealed)


def test_short_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="HALLPASS_SECRET_KEY is too short"):
        Keys(b"short")


def test_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    first = load_keys(tmp_path, None)
    second = load_keys(tmp_path, None)

    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert first.mac("a", "b") == second.mac("a", "b")


def test_given_secret_needs_no_file(tmp_path: Path) -> None:
    load_keys(tmp_path, "a secret of the environment, long enough")

    assert list(tmp_path.iterdir()) == []


def test_fingerprint_is_the_sha256_of_a_token() -> None:
    assert fingerprint("a").hex().startswith("ca978112ca1bbdca")


def test_secret_does_not_print() -> None:
    secret = Secret("CANARY")

    assert f"{secret} {secret!r} {[secret]}" == "Secret(***) Secret(***) [Secret(***)]"
