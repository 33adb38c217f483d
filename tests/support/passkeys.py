"""Make and show passkeys as a browser with an authenticator does."""

import hashlib
import json
import secrets

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

from portal.helpdesk.staff.passkey_forms import Party

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """Hold one key; `origin` and `host` are the site that the browser is on, `flags` what it vouches for."""

    def __init__(self, party: Party, *, flags: int = USER_PRESENT | USER_VERIFIED) -> None:
        self.party = party
        self.flags = flags
        self.id = secrets.token_bytes(16)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def made(self, challenge: str) -> str:
        """Return what `navigator.credentials.create` answers, as JSON."""
        point = self._key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(public)
        proof = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        return self._written(
            {
                "clientDataJSON": self._client("webauthn.create", challenge),
                "attestationObject": cbor2.dumps(proof),
            }
        )

    def shown(self, challenge: str) -> str:
        """Return what `navigator.credentials.get` answers, as JSON."""
        client, data = self._client("webauthn.get", challenge), self._data(0)
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._written({"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.party.origin}).encode()

    def _data(self, more: int) -> bytes:
        return hashlib.sha256(self.party.host.encode()).digest() + bytes([self.flags | more]) + bytes(4)

    def _written(self, response: dict[str, bytes]) -> str:
        encoded = {name: bytes_to_base64url(value) for name, value in response.items()}
        named = bytes_to_base64url(self.id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": encoded})
