"""Who may do what: scopes of API keys, and the roles that routes ask for."""

import hashlib
import secrets
from datetime import datetime
from typing import Literal, get_args

import msgspec

Scope = Literal["viewer", "operator", "admin"]  # each may do what those before it may
Role = Literal["public", "viewer", "operator", "admin"]  # public: without a key, too

SCOPES: tuple[Scope, ...] = get_args(Scope)
SECRET_PREFIX = "ovr_"  # so that people, and scanners of repositories, know a key when they see one


class ApiKey(msgspec.Struct, frozen=True):
    """A key as it is stored: its secret is known to its owner only."""

    id: str
    name: str
    scope: Scope
    digest: str  # sha256 of the secret in hex; the secret is random, so nothing slower is needed
    created_at: datetime
    expires_at: datetime | None = None  # None: never
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Return whether it opens anything now."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class BrowserSession(msgspec.Struct, frozen=True):
    """A browser that has shown a key; it ends with the key."""

    digest: str  # sha256 of the cookie's value in hex
    key_id: str
    created_at: datetime
    expires_at: datetime


class AuditEntry(msgspec.Struct, frozen=True):
    """One write that somebody made or tried to make."""

    at: datetime
    name: str  # of the key; "loopback" without one, "command line" for `overround keys`
    key_id: str  # "" without a key
    address: str  # the peer's, "" for the command line
    route: str  # method and path as declared, or the command
    subject: str  # what it was about: the path's parameters or what the route says
    status: int  # HTTP status of the answer


def new_secret() -> str:
    """Return a new key's secret: 256 random bits."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """
    Return what is stored of a secret.

    >>> digest_of("ovr_x")[:8]
    'd94b4f95'
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def reaches(scope: Scope, role: Role) -> bool:
    """
    Return whether a scope is enough for a role.

    >>> reaches("operator", "viewer"), reaches("viewer", "operator"), reaches("viewer", "public")
    (True, False, True)
    """
    roles: tuple[Role, ...] = get_args(Role)
    return roles.index(scope) >= roles.index(role)
