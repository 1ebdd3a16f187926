"""What the service says of a key."""

import pytest

from custom_components.grok_assist.grok.key_facts import parse_key_facts

FACTS = {
    "api_key_id": "id-1",
    "name": "Home",
    "team_id": "team-1",
    "api_key_blocked": False,
    "api_key_disabled": False,
    "team_blocked": False,
    "acls": ["api-key:model:*", "api-key:endpoint:*"],
}


@pytest.mark.parametrize(
    ("change", "blocked", "team_blocked", "may"),
    [
        ({}, False, False, True),
        ({"api_key_disabled": True}, True, False, True),
        ({"api_key_blocked": True}, True, False, True),
        ({"team_blocked": True}, False, True, True),
        ({"acls": ["api-key:model:*"]}, False, False, False),
        ({"acls": ["api-key:endpoint:*"]}, False, False, False),
        ({"acls": ["api-key:model:grok-4.3", "api-key:endpoint:chat"]}, False, False, True),
        ({"acls": []}, False, False, True),
    ],
)
def test_key_facts_when_read_then_flags(
    change: dict[str, object], *, blocked: bool, team_blocked: bool, may: bool
) -> None:
    """The three booleans and the access list say whether the key is of use."""
    facts = parse_key_facts({**FACTS, **change})
    assert (facts.key_id, facts.name, facts.team_id) == ("id-1", "Home", "team-1")
    assert (facts.is_blocked, facts.is_team_blocked, facts.may_generate) == (blocked, team_blocked, may)


@pytest.mark.parametrize("missing", ["api_key_id", "team_id"])
def test_key_facts_when_incomplete_then_refuses(missing: str) -> None:
    """Without ids there is no account."""
    with pytest.raises(ValueError, match="incomplete"):
        parse_key_facts({key: value for key, value in FACTS.items() if key != missing})
    assert parse_key_facts({**FACTS, "name": ""}).name == "xAI"
