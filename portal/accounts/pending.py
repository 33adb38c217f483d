"""Split an operation with a password into its steps, so that hashing holds no connection."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from portal.accounts.passwords import Hasher
from portal.core.context import Context

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Done(Generic[Outcome]):
    """Report an outcome that needs no hashing: a refusal, or what a repeated request got before."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Pending(Generic[Outcome]):
    """Wait for the hashing: `judge` hashes and returns what settles the operation in a transaction."""

    judge: Callable[[Hasher], Callable[[Context], Outcome]]


class Operation(Protocol[Outcome]):
    """Count and check in one short transaction; hash without a connection; settle in another."""

    def reserve(self, context: Context) -> Pending[Outcome] | Done[Outcome]:
        """Return what is pending, or the outcome where nothing needs to be hashed."""
