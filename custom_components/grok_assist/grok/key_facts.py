"""What the service says of an API key, and which voices it may use.

Wire facts: xAI OpenAPI document, read 2026-11-20.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

KEY_PATH: Final = "/api-key"
VOICES_PATH: Final = "/tts/voices"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """What the service says of an API key."""

    key_id: str
    name: str
    team_id: str
    is_blocked: bool
    """Key blocked or disabled."""
    is_team_blocked: bool
    may_generate: bool
    """The key's access list names models and endpoints that answer."""


def parse_key_facts(reply: Mapping[str, object]) -> KeyFacts:
    """Read the reply of `/v1/api-key`.

    Raises:
        ValueError: a required field is missing.
    """
    key_id, name, team_id = (reply.get(key) for key in ("api_key_id", "name", "team_id"))
    if not isinstance(key_id, str) or not key_id or not isinstance(team_id, str):
        raise ValueError("the key's facts are incomplete")
    acls = reply.get("acls")
    return KeyFacts(
        key_id=key_id,
        name=name if isinstance(name, str) and name else "xAI",
        team_id=team_id,
        is_blocked=bool(reply.get("api_key_blocked") or reply.get("api_key_disabled")),
        is_team_blocked=bool(reply.get("team_blocked")),
        may_generate=_may_generate([str(acl) for acl in acls] if isinstance(acls, list) else []),
    )


def parse_voices(reply: Mapping[str, object]) -> tuple[str, ...]:
    """Read the ids in the reply of `/v1/tts/voices`; what is no voice is skipped."""
    voices = reply.get("voices")
    found = (
        [voice.get("voice_id") for voice in voices if isinstance(voice, Mapping)] if isinstance(voices, list) else []
    )
    return tuple(voice for voice in found if isinstance(voice, str) and voice)


def _may_generate(acls: Sequence[str]) -> bool:
    """Judge an access list; an empty one is no statement, and the first request will tell."""
    if not acls:
        return True
    has_model = any(acl.startswith("api-key:model:") for acl in acls)
    endpoints = {acl.removeprefix("api-key:endpoint:") for acl in acls if acl.startswith("api-key:endpoint:")}
    return has_model and not endpoints.isdisjoint({"*", "chat", "responses"})
