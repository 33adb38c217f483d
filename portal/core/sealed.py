"""Turn values into encrypted bytes and back, so that no table holds what anybody wrote."""

import json
from typing import Any

from portal.core.keys import Keys


def seal(keys: Keys, value: Any) -> bytes:
    """Return the value as encrypted JSON."""
    return keys.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def unseal(keys: Keys, sealed: bytes) -> Any:
    """Return the value that `seal` was given."""
    return json.loads(keys.decrypt(sealed))
