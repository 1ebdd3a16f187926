"""How much of a prompt stays the same, byte for byte, when something around it changes."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tests.harness.client import HomeAssistantClient
from tests.simulator.responses.tokens import prompt_bytes

from .asking import Agent, Asker
from .home import set_state
from .told import block_offset

QUESTION: Final = "What is the temperature in the kitchen?"
ASKED: Final = ("sensor.kitchen_temperature", "21.4", "23.9")
UNASKED: Final = ("light.hall_ceiling_light", "on", "off")
ROOM: Final = "Kitchen"
OTHER_ROOM: Final = "Office"
STATE: Final = "state"
ELSEWHERE: Final = "room"
MINUTE: Final = "minute"
CONVERSATION: Final = "conversation"
NEXT_TURN: Final = "next turn"

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """Two prompts, of which one came after a change."""

    change: str
    share: float
    """Of the later prompt that is the same as the beginning of the earlier one."""
    is_stable: bool
    """Whether everything before the block is the same; without a block, the whole prompt but the last message."""
    differs_at: str
    """What the later prompt has where it differs."""


async def measure_prefixes(client: HomeAssistantClient, asker: Asker, agent: Agent, *, waits: bool) -> list[Prefix]:
    """Ask the same after each change, each time in a new conversation, and once again in the same one."""
    base, conversation_id = await _ask(asker, agent, ROOM)
    found = []
    for entity_id, _, other in (ASKED, UNASKED):
        await set_state(client, entity_id, other)
    found.append(_compare(STATE, base, (await _ask(asker, agent, ROOM))[0]))
    for entity_id, state, _ in (ASKED, UNASKED):
        await set_state(client, entity_id, state)
    found.append(_compare(ELSEWHERE, base, (await _ask(asker, agent, OTHER_ROOM))[0]))
    if waits:
        now = datetime.now(UTC)
        await asyncio.sleep(60.5 - now.second - now.microsecond / 1e6)
        found.append(_compare(MINUTE, base, (await _ask(asker, agent, ROOM))[0]))
    found.append(_compare(CONVERSATION, base, (await _ask(asker, agent, ROOM))[0]))
    found.append(_compare(NEXT_TURN, base, (await _ask(asker, agent, ROOM, conversation_id))[0]))
    return found


async def _ask(asker: Asker, agent: Agent, room: str, conversation_id: str | None = None) -> tuple[Json, str]:
    """Ask the question; give the first request of its turn and the conversation."""
    before = len(await asker.simulator.requests())
    _, conversation_id = await asker.say(agent, QUESTION, room=room, conversation_id=conversation_id)
    body: Json = (await asker.simulator.requests())[before]["body"]
    return body, conversation_id


def _compare(change: str, earlier: Json, later: Json) -> Prefix:
    """Compare two prompts as the service reads them."""
    first, second = (prompt_bytes(body, body["input"]) for body in (earlier, later))
    common = next(
        (place for place, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]),
        min(len(first), len(second)),
    )
    position = block_offset(later)
    # An earlier turn of the same conversation is new text before the block, and cannot be the same.
    stable_items = later["input"][: len(later["input"]) - 1 if position is None else position]
    if change == NEXT_TURN:
        stable_items = later["input"][:1]
    return Prefix(
        change=change,
        share=common / len(second),
        is_stable=common >= len(prompt_bytes(later, stable_items)),
        differs_at=second[max(common - 30, 0) : common + 50].decode(errors="replace"),
    )
