"""API keys: who they belong to, what they may do, and how they stop working."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final
from uuid import UUID

from .errors import RefusalError
from .jsontypes import JsonObject

ALL_RIGHTS: Final = ("api-key:model:*", "api-key:endpoint:*")

_BEARER: Final = "bearer "
_PREFIX: Final = "xai-"
_BAD_PREFIX: Final = "xai-bad"
_TEAM_PREFIX: Final = "xai-team-"
_CREATED: Final = "2026-09-01T08:00:00Z"
_VISIBLE_CHARACTERS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What the API knows about one key; the secret itself is not part of it."""

    id: str
    name: str
    redacted: str
    team_id: str
    acls: tuple[str, ...] = ALL_RIGHTS
    is_blocked: bool = False
    is_disabled: bool = False
    is_team_blocked: bool = False

    @property
    def facts(self) -> JsonObject:
        """The body of `GET /v1/api-key`."""
        return {
            "redacted_api_key": self.redacted,
            "user_id": f"user-{self.team_id}",
            "name": self.name,
            "create_time": _CREATED,
            "modify_time": _CREATED,
            "modified_by": f"user-{self.team_id}",
            "team_id": self.team_id,
            "acls": list(self.acls),
            "api_key_id": self.id,
            "team_blocked": self.is_team_blocked,
            "api_key_blocked": self.is_blocked,
            "api_key_disabled": self.is_disabled,
        }

    def require(self, kind: str, name: str) -> None:
        """Refuse with 403 unless the key is in use and has the right to the endpoint or model.

        Raises:
            RefusalError: the key is blocked or disabled, or its rights do not cover the name.
        """
        if self.is_blocked or self.is_disabled or self.is_team_blocked:
            raise RefusalError(403, "The API key is currently blocked or disabled. Visit the console to enable it.")
        rights = {f"api-key:{kind}:*", f"api-key:{kind}:{name}"}
        if rights.isdisjoint(self.acls):
            raise RefusalError(403, f"The API key does not have permission to use the {kind} {name}.")


class KeyRing:
    """All keys of the simulated vendor, known by their secrets."""

    def __init__(self) -> None:
        """Start with every well-formed key in good standing."""
        self._changed: dict[str, Key] = {}
        self._revoked: set[str] = set()

    def revoke(self, secret: str) -> None:
        """Make a key wrong from now on."""
        self._revoked.add(secret)

    def restore(self, secret: str) -> None:
        """Make a revoked key good again and undo its other changes."""
        self._revoked.discard(secret)
        self._changed.pop(secret, None)

    def change(
        self,
        secret: str,
        *,
        blocked: bool | None = None,
        disabled: bool | None = None,
        team_blocked: bool | None = None,
        acls: list[str] | None = None,
        name: str | None = None,
    ) -> None:
        """Change facts of one key; what is not named stays."""
        key = self._key(secret)
        self._changed[secret] = replace(
            key,
            is_blocked=key.is_blocked if blocked is None else blocked,
            is_disabled=key.is_disabled if disabled is None else disabled,
            is_team_blocked=key.is_team_blocked if team_blocked is None else team_blocked,
            acls=key.acls if acls is None else tuple(acls),
            name=name or key.name,
        )

    def authenticate(self, header: str | None) -> Key:
        """Find the key that an Authorization header carries.

        Raises:
            RefusalError: 401 where no bearer token is there, 400 where the token is no good key.
        """
        if header is None or not header.lower().startswith(_BEARER) or not header[len(_BEARER) :].strip():
            raise RefusalError(401, "No API key was provided. Pass it as a Bearer token in the Authorization header.")
        secret = header[len(_BEARER) :].strip()
        if not secret.startswith(_PREFIX) or secret.startswith(_BAD_PREFIX) or secret in self._revoked:
            raise RefusalError(400, wrong_key_message(secret))
        return self._key(secret)

    def _key(self, secret: str) -> Key:
        """Give the facts of a key, with the changes made so far."""
        return self._changed.get(secret) or _fresh_key(secret)


def wrong_key_message(secret: str) -> str:
    """Give the sentence about a wrong key, with no more of it than xAI shows."""
    shown = f"{secret[:2]}***{secret[-2:]}" if len(secret) > 2 * _VISIBLE_CHARACTERS else "***"
    return f"Incorrect API key provided: {shown}. You can obtain an API key from https://console.x.ai."


def key_id(secret: str) -> str:
    """Give a stable identifier of a key from which the key cannot be had."""
    return str(UUID(bytes=sha256(secret.encode()).digest()[:16]))


def shown_authorization(header: str) -> str:
    """Tell what the records keep of an Authorization header: the key's id, never the key."""
    scheme, _, secret = header.partition(" ")
    return f"{scheme} {key_id(secret.strip())}"


def _fresh_key(secret: str) -> Key:
    """Give the facts of a key that nobody has changed."""
    tail = secret[-_VISIBLE_CHARACTERS:]
    return Key(id=key_id(secret), name=f"Home key {tail}", redacted=f"xai-...{tail}", team_id=_team_of(secret))


def _team_of(secret: str) -> str:
    """Give the team of a key: `xai-team-<word>-…` names one, all others share `team-main`."""
    if not secret.startswith(_TEAM_PREFIX):
        return "team-main"
    return f"team-{secret.removeprefix(_TEAM_PREFIX).partition('-')[0]}"
