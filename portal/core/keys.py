"""Derive every key from one secret that is never in the database."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.core.errors import SettingsError

MINIMUM_LENGTH = 32


class Keys:
    """Sign and encrypt with keys derived from the installation's secret, one for each purpose."""

    def __init__(self, secret: bytes) -> None:
        """Take the secret, at least 32 bytes."""
        if len(secret) < MINIMUM_LENGTH:
            message = "HALLPASS_SECRET_KEY is too short: use at least 32 random characters."
            raise SettingsError(message)
        self._secret = secret
        self._purposes: dict[str, bytes] = {}
        self._box = Fernet(base64.urlsafe_b64encode(self._derived("encryption at rest")))

    def mac(self, purpose: str, *parts: str) -> bytes:
        """Return 32 bytes of HMAC-SHA256 over the parts, unambiguous in where one part ends."""
        message = b"".join(len(raw).to_bytes(4) + raw for raw in (p.encode() for p in parts))
        return hmac.digest(self._derived(purpose), message, "sha256")

    def token(self, purpose: str, *parts: str) -> str:
        """Return a token that only this installation can make: derived again, it need not be stored."""
        return base64.urlsafe_b64encode(self.mac(purpose, *parts)).rstrip(b"=").decode()

    def encrypt(self, plain: bytes) -> bytes:
        """Return the bytes encrypted and authenticated (Fernet)."""
        return self._box.encrypt(plain)

    def decrypt(self, sealed: bytes) -> bytes:
        """Return the bytes that `encrypt` sealed; raise InvalidToken for any other."""
        return self._box.decrypt(sealed)

    def _derived(self, purpose: str) -> bytes:
        if purpose not in self._purposes:
            hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
            self._purposes[purpose] = hkdf.derive(self._secret)
        return self._purposes[purpose]


def fingerprint(token: str) -> bytes:
    """Return the SHA-256 under which a random token is stored, so that no table holds the token."""
    return hashlib.sha256(token.encode()).digest()


def load_keys(folder: Path, given: str | None) -> Keys:
    """Take the secret from the setting, else from `secret.key` in the state folder, made if absent."""
    if given:
        return Keys(given.encode())
    path = folder / "secret.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Keys(path.read_bytes())
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_urlsafe(48).encode())
    return Keys(path.read_bytes())
