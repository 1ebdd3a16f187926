"""Questions of automations and people to the same conversation."""

import asyncio
from typing import Final

import pytest

from tests.harness.client import HomeAssistantClient
from tests.harness.errors import RestError
from tests.harness.home_assistant import home_assistant_release
from tests.harness.running import RunningHome

from .conftest import Grok

VISITOR: Final = "visitor"


async def _add_visitor(home: RunningHome) -> None:
    """Make a second user."""
    listed = await home.socket.call("config/auth/list")
    if any(user["name"] == VISITOR for user in listed):
        return
    made = await home.socket.call("config/auth/create", name=VISITOR, group_ids=["system-users"])
    await home.socket.call(
        "config/auth_provider/homeassistant/create", user_id=made["user"]["id"], username=VISITOR, password=VISITOR
    )


async def test_questions_when_asked_at_once_in_one_conversation_then_all_are_answered(grok: Grok) -> None:
    """Automations are patient: where Home Assistant allows one turn at a time, they take turns."""
    client = grok.home.client
    first = await client.call_service("grok_assist", "ask", response=True, text="Say one")
    answers = await asyncio.gather(
        *(
            client.call_service(
                "grok_assist", "ask", response=True, text=f"Say {word}", conversation_id=first["conversation_id"]
            )
            for word in ("two", "three", "four")
        )
    )
    assert {answer["text"] for answer in answers} == {"two", "three", "four"}
    assert "without a context" not in grok.home.process.log()


@pytest.mark.skipif(not home_assistant_release().startswith("2026.11"), reason="2026.10 has no owners")
async def test_conversation_when_somebody_elses_then_is_not_told(grok: Grok) -> None:
    """What one person said, another does not hear by knowing the conversation's id."""
    home = grok.home
    await _add_visitor(home)
    said = await grok.say("My secret number is 4711")
    async with HomeAssistantClient.open(home.process.url, user=VISITOR, password=VISITOR) as visitor:
        with pytest.raises(RestError) as caught:
            await visitor.call_service(
                "grok_assist", "ask", response=True, text="What did I just say?", conversation_id=said.conversation_id
            )
    assert "4711" not in str(caught.value)
    assert "This conversation belongs to somebody else" in str(caught.value)
