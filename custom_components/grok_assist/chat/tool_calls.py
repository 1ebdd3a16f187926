"""Calls of a reply as Home Assistant's tool inputs, and sentences of ours, on their way into the chat log."""

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from homeassistant.components import conversation
from homeassistant.helpers import llm

from ..core.arguments import ArgumentsError, read_arguments
from ..core.calls import FunctionCall
from ..core.json_types import JsonObject
from .tools import OfferedTools

ARGUMENTS_LOST: Final = "the arguments of this call were lost on the way: nothing was done, call it again with them"

type ChatDelta = conversation.AssistantContentDeltaDict | conversation.ToolResultContentDeltaDict


async def utter(chat_log: conversation.ChatLog, agent_id: str, text: str) -> None:
    """Say a sentence of ours, to the screen, to the voice, and into the chat log."""

    async def deltas() -> AsyncGenerator[ChatDelta]:
        """Write it as the chat log takes it."""
        yield {"role": "assistant"}
        yield {"content": text}

    async for _ in chat_log.async_add_delta_content_stream(agent_id, deltas()):
        pass


def has_acted_before(chat_log: conversation.ChatLog, tools: OfferedTools) -> bool:
    """Whether something was done earlier in a conversation, of which an answer may speak."""
    return any(
        isinstance(content, conversation.ToolResultContent)
        and not content.result.error
        and content.tool_name not in tools.read_only
        for content in chat_log.content
    )


def tool_deltas(calls: Sequence[FunctionCall], tools: OfferedTools) -> Sequence[ChatDelta]:
    """Hand over the calls of a reply; one that cannot be run goes back as an error the model can correct."""
    with_parameters = {spec.name for spec in tools.specs if spec.parameters.get("properties")}
    inputs: dict[str, llm.ToolInput] = {}
    refusals: list[ChatDelta] = []
    for call in calls:
        name = tools.own_names.get(call.name)
        arguments, problem = _arguments_of(call, has_parameters=call.name in with_parameters)
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


def _arguments_of(call: FunctionCall, *, has_parameters: bool) -> tuple[JsonObject, str | None]:
    """Read the arguments of a call; tell what is wrong with them, if anything.

    Nothing is an answer only where nothing is asked: a tool that is told no device may mean the whole house.
    """
    try:
        arguments = read_arguments(call.arguments)
    except ArgumentsError as error:
        return {}, str(error)
    return arguments or {}, ARGUMENTS_LOST if arguments is None and has_parameters else None
