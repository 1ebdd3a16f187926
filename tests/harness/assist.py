"""One turn with Assist by text: its pipeline events as they come, and what they add up to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
import time
from typing import Any, Final

from .client import HomeAssistantClient
from .errors import CommandError
from .websocket import HomeAssistantSocket

TURN_DEADLINE_S: Final = 90
# Home Assistant without its native voice packages has no pipelines, yet its agents converse.
NO_PIPELINE: Final = frozenset({"unknown_command", "pipeline-not-found"})

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineEvent:
    """One event of a pipeline run."""

    kind: str
    """`run-start`, `intent-progress`, `intent-end`, `run-end`, `error` and so on."""
    data: Json
    after_s: float
    """Seconds since the run was asked for."""

    @property
    def delta(self) -> Json:
        """What the chat log gained by it; empty for all but progress."""
        return self.data.get("chat_log_delta") or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call that the model made, as the chat log shows it."""

    call_id: str
    name: str
    arguments: Json


@dataclass(slots=True, kw_only=True)
class AssistTurn:
    """What the events of one run add up to."""

    events: list[PipelineEvent] = field(default_factory=list)
    deltas: list[str] = field(default_factory=list)
    tool_calls: list[ToolCall] = field(default_factory=list)
    tool_results: dict[str, Any] = field(default_factory=dict)
    """Result of each call by its id."""
    speech: str = ""
    response: Json = field(default_factory=dict)
    conversation_id: str = ""
    continue_conversation: bool = False
    error_code: str = ""
    """Code of the pipeline's own error event, else empty."""
    first_delta_s: float | None = None
    total_s: float = 0.0

    @property
    def streamed(self) -> str:
        """The text of all deltas."""
        return "".join(self.deltas)

    @property
    def response_error(self) -> str:
        """Code of an answer that is an error, else empty."""
        return str(self.response.get("data", {}).get("code") or "")

    def add(self, event: PipelineEvent) -> None:
        """Take one more event in."""
        self.events.append(event)
        self.total_s = event.after_s
        match event.kind:
            case "intent-progress":
                self._add_delta(event)
            case "intent-end":
                self._add_answer(event.data["intent_output"])
            case "error":
                self.error_code = event.data["code"]

    def _add_delta(self, event: PipelineEvent) -> None:
        """Take in what the chat log gained."""
        delta = event.delta
        if content := delta.get("content"):
            self.deltas.append(content)
            if self.first_delta_s is None:
                self.first_delta_s = event.after_s
        self.tool_calls.extend(
            ToolCall(call_id=call["id"], name=call["tool_name"], arguments=call["tool_args"])
            for call in delta.get("tool_calls") or ()
        )
        if delta.get("role") == "tool_result":
            self.tool_results[delta["tool_call_id"]] = delta.get("result", delta.get("tool_result"))

    def _add_answer(self, output: Json) -> None:
        """Take in the agent's finished answer."""
        self.response = output["response"]
        self.speech = self.response.get("speech", {}).get("plain", {}).get("speech", "")
        self.conversation_id = output.get("conversation_id") or ""
        self.continue_conversation = bool(output.get("continue_conversation"))


async def assist_run(
    socket: HomeAssistantSocket,
    text: str,
    *,
    agent: str,
    conversation_id: str | None = None,
    device_id: str | None = None,
    deadline_s: float = TURN_DEADLINE_S,
) -> AsyncIterator[PipelineEvent]:
    """Yield the events of a turn with the agent (an entity id, or a pipeline's id), until the run's end.

    Raises:
        TimeoutError: the run did not end before the deadline.
        CommandError: Home Assistant refused to begin it.
    """
    began = time.monotonic()
    context = {"conversation_id": conversation_id, "device_id": device_id}
    run = {"start_stage": "intent", "end_stage": "intent", "input": {"text": text}, "pipeline": agent}
    async with asyncio.timeout(deadline_s):
        try:
            async with socket.subscribe("assist_pipeline/run", **run, **context, timeout=deadline_s) as events:
                async for event in events:
                    kind, data = event["type"], event["data"] or {}
                    yield PipelineEvent(kind=kind, data=data, after_s=time.monotonic() - began)
                    if kind == "run-end":
                        return
        except CommandError as err:
            if err.code not in NO_PIPELINE:
                raise
        output = await socket.call("conversation/process", text=text, agent_id=agent, **context)
        data = {"intent_output": output}
        yield PipelineEvent(kind="intent-end", data=data, after_s=time.monotonic() - began)
        yield PipelineEvent(kind="run-end", data={}, after_s=time.monotonic() - began)


async def assist_turn(
    socket: HomeAssistantSocket,
    text: str,
    *,
    agent: str,
    conversation_id: str | None = None,
    device_id: str | None = None,
    deadline_s: float = TURN_DEADLINE_S,
) -> AssistTurn:
    """Collect a whole turn; the same arguments and errors as `assist_run`."""
    turn = AssistTurn()
    run = assist_run(
        socket, text, agent=agent, conversation_id=conversation_id, device_id=device_id, deadline_s=deadline_s
    )
    async for event in run:
        turn.add(event)
    return turn


async def process_turn(
    client: HomeAssistantClient, text: str, *, agent: str, conversation_id: str | None = None
) -> AssistTurn:
    """Have a turn as programs do that know nothing of pipelines: `POST /api/conversation/process`."""
    began = time.monotonic()
    body = {"text": text, "agent_id": agent, "language": "en"}
    if conversation_id is not None:
        body["conversation_id"] = conversation_id
    output = await client.rest("POST", "/api/conversation/process", body)
    turn = AssistTurn()
    for kind, data in (("intent-end", {"intent_output": output}), ("run-end", {})):
        turn.add(PipelineEvent(kind=kind, data=data, after_s=time.monotonic() - began))
    return turn
