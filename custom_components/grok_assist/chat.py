"""One turn of a conversation: the chat log as a request, the reply into the chat log, and the loop over tools."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
import json
import logging
from typing import Final

from homeassistant.components import conversation
from homeassistant.helpers import llm
from homeassistant.helpers.json import json_dumps

from .core.errors import GrokAnswerError
from .core.models import Catalogue
from .core.settings import AgentSettings
from .core.speech import SpeechStream
from .grok.client import GrokClient
from .grok.messages import (
    AssistantMessage,
    FunctionCall,
    FunctionResult,
    Message,
    ReplayedItems,
    Request,
    Usage,
    UserMessage,
    paired,
)
from .grok.stream import CalledTool, Citation, Completed, Delta, ReasoningDelta, TextDelta
from .toolbox import OfferedTools, Toolbox

_LOGGER = logging.getLogger(__name__)

MAX_ROUNDS: Final = 10  # requests of one turn; a model that calls tools for ever is stopped

type ChatDelta = conversation.AssistantContentDeltaDict | conversation.ToolResultContentDeltaDict


@dataclass(slots=True)
class TurnRecord:
    """What one turn did, for its result and its trace."""

    usage: Usage = field(default_factory=Usage)
    rounds: int = 0
    model: str = ""
    citations: dict[str, Citation] = field(default_factory=dict)
    written: str = ""
    """The answer as the model wrote it, with its markdown; of the last round that said something."""
    spoken: str = ""
    """The answer as it is spoken; of the same round."""
    has_spoken: bool = False
    """Something was said in some round."""
    has_acted: bool = False
    """A tool that changes something succeeded."""
    _is_new_round: bool = False

    def begin_round(self) -> None:
        """Make the next words replace those of the round before, which only led up to a tool."""
        self.rounds += 1
        self._is_new_round = True

    def say(self, written: str, spoken: str) -> None:
        """Add a piece of the answer, as written and as spoken."""
        if self._is_new_round and written:
            self._is_new_round, self.written, self.spoken = False, "", ""
        self.written += written
        self.spoken += spoken
        self.has_spoken = self.has_spoken or bool(spoken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of one agent."""

    agent_id: str
    chat_log: conversation.ChatLog
    client: GrokClient
    catalogue: Catalogue
    settings: AgentSettings
    toolbox: Toolbox
    record: TurnRecord

    async def run(self) -> None:
        """Ask, run the tools the model calls, and ask again until it answers.

        Raises:
            GrokError: there is no answer; what tools did until then stays done and stays in the chat log.
        """
        tools = self.toolbox.offer(self.chat_log.llm_api)
        for _ in range(MAX_ROUNDS):
            request = self._request(tools)
            deltas = self._deltas(request, tools)
            async with aclosing(deltas):
                async for content in self.chat_log.async_add_delta_content_stream(self.agent_id, deltas):
                    self._note(content, tools)
            if not self.chat_log.unresponded_tool_results:
                if not self.record.has_spoken:
                    raise GrokAnswerError("the reply has no text")
                return
        raise GrokAnswerError(f"no answer after {MAX_ROUNDS} rounds of tools")

    def _request(self, tools: OfferedTools) -> Request:
        """Write the chat log as a request."""
        system, *contents = self.chat_log.content
        instructions = system.content if isinstance(system, conversation.SystemContent) else ""
        model = self.catalogue.resolve(self.settings.model)
        return Request(
            model=model,
            instructions=instructions,
            messages=paired([message for content in contents for message in self._messages(content, tools)]),
            tools=tools.specs,
            effort=self.catalogue.effort_for(model, self.settings.effort),
            max_tokens=self.settings.max_tokens,
            temperature=self.settings.temperature,
            has_web_search=self.settings.web_search,
            has_x_search=self.settings.x_search,
            cache_key=self.chat_log.conversation_id,
        )

    def _messages(self, content: conversation.Content, tools: OfferedTools) -> Sequence[Message]:
        """Write one entry of the chat log; our own answers go back as they came."""
        match content:
            case conversation.UserContent():
                return (UserMessage(text=content.content),)
            case conversation.AssistantContent(native=ReplayedItems() as items, agent_id=self.agent_id):
                return (items,)
            case conversation.AssistantContent():
                calls = [
                    FunctionCall(
                        call_id=call.id,
                        name=tools.sent_names.get(call.tool_name, call.tool_name),
                        arguments=json_dumps(call.tool_args),
                    )
                    for call in content.tool_calls or ()
                ]
                return (*([AssistantMessage(text=content.content)] if content.content else ()), *calls)
            case conversation.ToolResultContent():
                return (FunctionResult(call_id=content.tool_call_id, output=json_dumps(content.result.data)),)
        return ()

    async def _deltas(self, request: Request, tools: OfferedTools) -> AsyncGenerator[ChatDelta]:
        """Ask once and write the reply as the chat log takes it.

        Calls are handed over when the reply is complete: a call of a reply that broke off is never run.
        """
        speech = SpeechStream()
        self.record.begin_round()
        yield {"role": "assistant"}
        async with aclosing(self.client.stream(request)) as deltas:
            async for delta in deltas:
                for chat_delta in self._chat_deltas(delta, speech, request, tools):
                    yield chat_delta

    def _chat_deltas(
        self, delta: Delta, speech: SpeechStream, request: Request, tools: OfferedTools
    ) -> Sequence[ChatDelta]:
        """Write one delta of the reply."""
        match delta:
            case TextDelta(text=text):
                return self._said(text, speech.feed(text))
            case ReasoningDelta(text=text):
                return ({"thinking_content": text},) if text else ()
            case Completed():
                self._finish(delta, request)
                late = self._said(delta.late_text, speech.feed(delta.late_text) + speech.flush())
                return (*late, {"native": ReplayedItems(items=delta.replay)}, *tool_deltas(delta.calls, tools))
        return ()

    def _said(self, written: str, spoken: str) -> Sequence[ChatDelta]:
        """Note a piece of the answer and give what of it is spoken."""
        self.record.say(written, spoken)
        return ({"content": spoken},) if spoken else ()

    def _finish(self, reply: Completed, request: Request) -> None:
        """Note what a reply cost and who gave it."""
        usage = reply.usage
        if usage.cost_usd is None:
            cost = self.catalogue.cost_usd(
                reply.model or request.model,
                input_tokens=usage.input_tokens,
                cached_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
            )
            usage = replace(usage, cost_usd=cost)
        self.record.usage += usage
        self.record.model = reply.model or request.model
        self.record.citations |= {citation.url: citation for citation in reply.citations}
        if self.catalogue.find(self.record.model) is not self.catalogue.find(request.model):
            _LOGGER.debug("Asked for %s, answered by %s", request.model, self.record.model)

    def _note(
        self, content: conversation.AssistantContent | conversation.ToolResultContent, tools: OfferedTools
    ) -> None:
        """Note a tool that changed something."""
        if isinstance(content, conversation.ToolResultContent) and not content.result.error:
            self.record.has_acted = self.record.has_acted or content.tool_name not in tools.read_only


def tool_deltas(calls: Sequence[CalledTool], tools: OfferedTools) -> Sequence[ChatDelta]:
    """Hand over the calls of a reply; one that cannot be run goes back as an error the model can correct."""
    inputs: dict[str, llm.ToolInput] = {}
    refusals: list[ChatDelta] = []
    for call in calls:
        name = tools.own_names.get(call.name)
        arguments, problem = _read_arguments(call.arguments)
        if name is None:
            problem = f"there is no tool named {call.name}"
        inputs[call.call_id] = llm.ToolInput(
            id=call.call_id, tool_name=name or call.name, tool_args=arguments, external=problem is not None
        )
        if problem is not None:
            refusals.append(
                {
                    "role": "tool_result",
                    "tool_call_id": call.call_id,
                    "tool_name": call.name,
                    "result": llm.ToolResult(data={"error": "InvalidCall", "error_text": problem}, error=True),
                }
            )
    return ({"tool_calls": list(inputs.values())}, *refusals) if inputs else ()


def _read_arguments(text: str) -> tuple[dict[str, object], str | None]:
    """Parse the arguments of a call; tell what is wrong with them, if anything."""
    try:
        arguments = json.loads(text) if text.strip() else {}
    except ValueError as error:
        return {}, f"the arguments are not valid JSON: {error}"
    if not isinstance(arguments, dict):
        return {}, "the arguments are not a JSON object"
    return arguments, None
