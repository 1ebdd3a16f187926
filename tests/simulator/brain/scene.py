"""The situation in which a sentence is understood: the home, the tools, and what was done so far in this turn."""

from collections.abc import Callable
from dataclasses import dataclass
import json
import re
from typing import Any

from ..jsontypes import JsonObject
from ..responses.ask import Ask, first_text, message_text
from ..script import Call
from .home import Entity, Home
from .reading import read_entities, read_home
from .targets import Target, find_target
from .tools import Toolbox, parsed, spoken_error, toolbox_of

_TOLD = "Told by the home, not said by the user:"

type Step = Call | str
"""What a wish needs next: a call to be made, or, when all is known, the words to say."""

type Rule = tuple[re.Pattern[str], Callable[[re.Match[str], Scene], Step | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A call of this turn with its output."""

    name: str
    arguments: JsonObject
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One turn of a conversation as far as it has gone."""

    ask: Ask
    text: str
    """What the user said."""
    told: str
    """Everything that the model was told beside it."""
    home: Home
    toolbox: Toolbox
    done: tuple[Done, ...] = ()
    earlier: tuple[JsonObject, ...] = ()

    def result_of(self, call: Call) -> str | None:
        """Give the output of a call, if it was made in this turn already."""
        arguments = json.loads(call.arguments)
        return next((item.output for item in self.done if (item.name, item.arguments) == (call.name, arguments)), None)

    def act(self, tool: str, arguments: JsonObject, confirm: Callable[[Any], str] | str, *, verb: str) -> Step:
        """Make a call, or tell how it went if it was made already; `verb` says what cannot be done without the tool."""
        call = self.toolbox.call(tool, arguments)
        if call is None:
            return f"I have no tool to {verb}."
        output = self.result_of(call)
        if output is None:
            return call
        if error := spoken_error(output):
            return f"I could not {verb}: {error}."
        return confirm if isinstance(confirm, str) else confirm(parsed(output))

    def target(self, phrase: str, *domains: str) -> Target | None:
        """Tell what a phrase means; a pronoun means what the last call was about."""
        if phrase.strip().lower() in {"it", "that", "them", "this", "those"}:
            return self._last_target()
        return find_target(phrase, self.home, domains)

    def look(self, arguments: JsonObject) -> Step | Home:
        """Give the home with its states: from the prompt, from an earlier look in this turn, or a call to look now."""
        call = self.toolbox.call("GetLiveContext", arguments)
        output = None if call is None else self.result_of(call)
        if output is not None:
            error = spoken_error(output)
            return f"I could not find that out: {error}." if error else self.home.with_states(_listed(output))
        wanted = [entity for entity in self.home.entities if _fits(entity, arguments)]
        if wanted and all(entity.state is not None for entity in wanted):
            return self.home
        return call or "I have no tool to look at the state of the home."

    def _last_target(self) -> Target | None:
        """Give the target of the last call that named one."""
        for item in reversed(self.earlier):
            if item.get("type") != "function_call":
                continue
            arguments = parsed(item["arguments"])
            if isinstance(arguments, dict) and (arguments.get("name") or arguments.get("area")):
                return _called_target(arguments)
        return None


def _fits(entity: Entity, arguments: JsonObject) -> bool:
    """Whether a look with these arguments would show an entity."""
    name, domain, area = (arguments.get(key) for key in ("name", "domain", "area"))
    return (
        (name is None or name in entity.names)
        and (domain is None or entity.domain == domain)
        and (area is None or area in entity.areas)
    )


def scene_of(ask: Ask) -> Scene:
    """Give the situation at the end of a request's items."""
    start = max((index for index, item in enumerate(ask.items) if _is_said(item)), default=-1)
    whole = message_text(ask.items[start]) if start >= 0 else ""
    text = first_text(ask.items[start]) if start >= 0 else ""
    told = f"{ask.system_text}\n{whole}"
    return Scene(
        ask=ask,
        text=text,
        told=told,
        home=read_home(told),
        toolbox=toolbox_of(ask),
        done=tuple(_done(ask.items[start + 1 :])),
        earlier=tuple(ask.items[: max(start, 0)]),
    )


def _is_said(item: JsonObject) -> bool:
    """Whether the user says an item themselves: what is told in their role says so first."""
    return item.get("role") == "user" and not message_text(item).startswith(_TOLD)


def _done(items: list[JsonObject]) -> list[Done]:
    """Give the calls among some items, with their outputs."""
    outputs = {item["call_id"]: item["output"] for item in items if item.get("type") == "function_call_output"}
    return [
        Done(name=item["name"], arguments=_arguments(item), output=_output_text(outputs[item["call_id"]]))
        for item in items
        if item.get("type") == "function_call" and item["call_id"] in outputs
    ]


def _arguments(item: JsonObject) -> JsonObject:
    """Give the arguments of a call item; broken ones count as none."""
    arguments = parsed(item["arguments"])
    return arguments if isinstance(arguments, dict) else {}


def _output_text(output: str | list[JsonObject]) -> str:
    """Give a function's output as text."""
    return output if isinstance(output, str) else message_text({"content": output})


def _listed(output: str) -> list[Any]:
    """Give the entities that a look has found."""
    result = parsed(output)
    text = result.get("result", "") if isinstance(result, dict) else result
    return read_entities(str(text))


def _called_target(arguments: JsonObject) -> Target:
    """Give the target that a call's arguments name."""
    domain = arguments.get("domain")
    first = domain[0] if isinstance(domain, list) and domain else domain
    return Target(
        name=arguments.get("name"),
        area=arguments.get("area"),
        domain=first if isinstance(first, str) else None,
    )
