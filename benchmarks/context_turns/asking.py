"""Asking the questions in the running home, and what the service received for each."""

from collections.abc import Sequence
from dataclasses import dataclass
import time
from typing import Any, Final

from tests.harness.assist import assist_turn
from tests.harness.client import HomeAssistantClient
from tests.harness.flows import FlowKind
from tests.harness.grok import AGENT, add_grok_assist, set_options, wait_for_agent
from tests.harness.satellites import make_pipeline
from tests.harness.simulator import SimulatorProcess
from tests.harness.websocket import HomeAssistantSocket

from .questions import Question
from .rooms import Device

KEY: Final = "xai-bench-0000"
LIVE: Final = "live"
ON_DEMAND: Final = "on_demand"
LOOK: Final = "homeassistant__GetLiveContext"
RESPONSES: Final = "/v1/responses"
ON_DEMAND_NAME: Final = "Stock"
UNLIMITED_TOKENS: Final = 100_000_000
"""Per minute: a hundred large questions at once are more than the account allows itself otherwise."""

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One conversation agent, by the mode in which it tells of the home."""

    mode: str
    pipelines: dict[str, str]
    """By language: what a run names as its pipeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question with the requests of its turn."""

    question: Question
    bodies: Sequence[Json]
    speech: str


@dataclass(slots=True, kw_only=True)
class Asker:
    """Says sentences to agents."""

    socket: HomeAssistantSocket
    simulator: SimulatorProcess
    satellites: dict[str, str]
    """Device id by room."""
    devices: Sequence[Device]

    async def ask_all(self, agent: Agent, questions: Sequence[Question]) -> list[Asked]:
        """Ask one after the other; the turns do not overlap, so times tell which request is whose."""
        turns = [(question, *await self._ask(agent, question)) for question in questions]
        requests = await self.simulator.requests(RESPONSES)
        return [
            Asked(
                question=question,
                bodies=[entry["body"] for entry in requests if began <= entry["started_at"] <= ended],
                speech=speech,
            )
            for question, began, ended, speech in turns
        ]

    async def say(
        self, agent: Agent, text: str, *, room: str = "", language: str = "en", conversation_id: str | None = None
    ) -> tuple[str, str]:
        """Say one sentence; give the answer and the conversation's id.

        Raises:
            RuntimeError: the turn failed.
        """
        turn = await assist_turn(
            self.socket,
            text,
            agent=agent.pipelines[language],
            conversation_id=conversation_id,
            device_id=self.satellites[room] if room else None,
        )
        if turn.error_code or turn.response_error:
            raise RuntimeError(f"{text!r} failed: {turn.error_code or turn.speech}")
        return turn.speech, turn.conversation_id

    async def last_request(self) -> Json:
        """Give the body of the latest request."""
        body: Json = (await self.simulator.requests(RESPONSES))[-1]["body"]
        return body

    async def _ask(self, agent: Agent, question: Question) -> tuple[float, float, str]:
        """Ask one question; give when its own turn began and ended, and the answer."""
        conversation_id = None
        for text in question.before:
            _, conversation_id = await self.say(
                agent, text, room=question.room, language=question.language, conversation_id=conversation_id
            )
        if agent.mode == ON_DEMAND and not question.is_command:
            # What a perfect model would do: the simulator's own mind does not understand every sentence.
            look = {"name": LOOK, "arguments": self._look(question)}
            await self.simulator.script({"calls": [look]}, {"text": "So it is."})
        began = time.monotonic()
        speech, _ = await self.say(
            agent, question.text, room=question.room, language=question.language, conversation_id=conversation_id
        )
        return began, time.monotonic(), speech

    def _look(self, question: Question) -> Json:
        """Give the arguments of the narrowest look that tells what is asked for."""
        meant = [device for device in self.devices if question.about(device)]
        if len(meant) == 1:
            return {"name": meant[0].name}
        rooms = {device.room for device in meant}
        area = {"area": rooms.pop()} if len(rooms) == 1 and "" not in rooms else {}
        return {"domain": sorted({device.domain for device in meant}), **area}


async def add_agents(client: HomeAssistantClient, socket: HomeAssistantSocket, base_url: str) -> list[Agent]:
    """Set the integration up with one agent for each mode, each with a German assistant beside the English one.

    Raises:
        RuntimeError: the second agent could not be made.
    """
    entry_id = await add_grok_assist(client, api_key=KEY, base_url=base_url, create_pipeline=False)
    await set_options(client, entry_id, tokens_per_minute=UNLIMITED_TOKENS)
    flow = await client.flow([entry_id, "conversation"], FlowKind.SUBENTRY)
    await flow.submit({"name": ON_DEMAND_NAME, "llm_hass_api": ["assist"], "recommended": False})
    await flow.submit({"state_context": ON_DEMAND})
    if flow.step.kind != "create_entry":
        raise RuntimeError(f"no second agent: {flow.step.errors or flow.step.reason}")
    agents = []
    for mode, entity_id in ((LIVE, AGENT), (ON_DEMAND, f"conversation.{ON_DEMAND_NAME.lower()}")):
        await wait_for_agent(client, entity_id)
        german = await make_pipeline(socket, f"Deutsch {mode}", stt=None, agent=entity_id, tts=None, language="de")
        agents.append(Agent(mode=mode, pipelines={"en": entity_id, "de": german}))
    return agents
