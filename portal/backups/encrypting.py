"""Encrypt a backup as it is written and open it again, a piece at a time, so that memory stays flat.

A file begins with what everybody may read: the format and a salt. The operator's key and that salt give one
key for this file alone (scrypt). Each piece is sealed by AES-256-GCM with its number and whether it is the
last, so that none can be changed, left out, put elsewhere or cut off.
"""

import os
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from portal.core.errors import SettingsError
from portal.core.secret import Secret

MAGIC = b"HALLPASS BACKUP ENCRYPTED 1\n"
SALT, CHECK, TAG = 16, 16, 16
HEAD = len(MAGIC) + SALT + CHECK
PIECE = 1 << 20
# As long as a sentence: what is tried against a stolen file is tried without anybody noticing.
LEAST_KEY = 20
# 64 MiB and a quarter of a second for each key that somebody tries.
COST, ROUNDS = 1 << 16, 8
WRONG_KEY = "{path} was encrypted with another key than {named}: nothing was changed."
DAMAGED = "{path} is damaged or cut off: it does not open as it was written, and nothing was changed."


class Writes(Protocol):
    """Take bytes."""

    def write(self, data: bytes, /) -> int:
        """Take all of them."""


class Sealing(RawIOBase):
    """Encrypt what is written; only what `finish` ended is a whole file."""

    def __init__(self, target: Writes, key: Secret) -> None:
        """Write the beginning."""
        salt = os.urandom(SALT)
        self._cipher, check = _opened(key, salt)
        self._head = MAGIC + salt + check
        self._target = target
        self._waiting = bytearray()
        self._number = 0
        target.write(self._head)

    def writable(self) -> bool:
        """Say that it is written to."""
        return True

    def write(self, data: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]  # all that is ever written here
        """Seal every whole piece; the last one waits for what follows."""
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), is_last=False)
            del self._waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        """Seal the last piece, which says that it is the last."""
        self._put(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._target.write(self._cipher.encrypt(nonce, piece, self._head))
        self._number += 1


def is_encrypted(path: Path) -> bool:
    """Tell whether a file is an encrypted backup."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def decrypt(path: Path, key: Secret, target: Path, *, named: str) -> None:
    """Write what was encrypted to a new file; raises SettingsError, `named` being where the key is said."""
    with path.open("rb") as file, target.open("wb") as opened:
        head = file.read(HEAD)
        if len(head) < HEAD:
            raise SettingsError(DAMAGED.format(path=path))
        cipher, check = _opened(key, head[len(MAGIC) : -CHECK])
        if not constant_time.bytes_eq(check, head[-CHECK:]):
            raise SettingsError(WRONG_KEY.format(path=path, named=named))
        for number, (piece, is_last) in enumerate(_pieces(file)):
            try:
                opened.write(cipher.decrypt(_nonce(number, is_last=is_last), piece, head))
            except InvalidTag:
                raise SettingsError(DAMAGED.format(path=path)) from None


def _pieces(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield each sealed piece and whether nothing follows it; a file without any has one that is empty."""
    piece = file.read(PIECE + TAG)
    while following := file.read(PIECE + TAG):
        yield piece, False
        piece = following
    yield piece, True


def _opened(key: Secret, salt: bytes) -> tuple[AESGCM, bytes]:
    """Return the cipher of one file, and what tells another key from a damaged file."""
    made = Scrypt(salt=salt, length=32 + CHECK, n=COST, r=ROUNDS, p=1).derive(key.value.encode())
    return AESGCM(made[:32]), made[32:]


def _nonce(number: int, *, is_last: bool) -> bytes:
    # Never twice under one key: the salt is this file's own, and numbers only grow.
    return number.to_bytes(11, "big") + bytes([is_last])
