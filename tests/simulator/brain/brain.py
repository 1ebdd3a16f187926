"""The mind that answers when nothing is scripted.

It knows nothing but what the request holds: entities come from the prompt, states from the offered tools, and what
it does, it does by calling them. A turn is understood anew from its own items on every request: there is no memory.
"""

import re
from typing import Final

from ..responses.ask import Ask
from ..rules.instances import instance_of
from ..script import Call, Reply, SearchKind, call, calls, citation, reply, search_reply, structured
from .cameras import CAMERA_RULES
from .devices import DEVICE_RULES
from .questions import QUESTION_RULES
from .scene import Rule, Scene, Step, scene_of
from .services import SERVICE_RULES
from .sight import describe_outputs, describe_pictures, has_pictures, read_files
from .talk import TALK_RULES, give_up, search_kind

_ORDERS: Final[tuple[Rule, ...]] = (*CAMERA_RULES, *SERVICE_RULES, *DEVICE_RULES)
_RULES: Final[tuple[Rule, ...]] = (*CAMERA_RULES, *TALK_RULES, *SERVICE_RULES, *DEVICE_RULES, *QUESTION_RULES)
_POLITENESS: Final = re.compile(
    r"^(?:(?:hey |ok(?:ay)? )?(?:grok|jarvis|nabu)[, ]+|please |(?:can|could|would|will) you (?:please )?"
    r"|i want you to )+"
    r"|,? ?(?:please|for me|right now|now)$",
    re.IGNORECASE,
)
_AND: Final = re.compile(r",? and then |,? then |,? and |, ", re.IGNORECASE)
_VERB: Final = re.compile(
    r"^(?:(?:turn|switch) (?:on|off)|open|close|shut|lock|unlock|pause|stop|toggle|is|are|add)\b", re.IGNORECASE
)
_LIST_ORDER: Final = re.compile(
    r"^(?P<verb>add|put|remove) (?P<items>.+?) (?P<rest>(?:to|on|onto|from) .+ list)$", re.IGNORECASE
)


def think(ask: Ask) -> Reply:
    """Answer a request from nothing but what it holds."""
    scene = scene_of(ask)
    if ask.text_format["type"] == "json_schema":
        made = structured(instance_of(ask.text_format["schema"]), reasoning="The answer has a given form.")
        return _forced(ask, _acting(scene, _steps(scene, _ORDERS)) or made)
    answer = _answer(scene)
    if ask.text_format["type"] == "json_object":
        return structured({"answer": _said(answer)})
    return _forced(ask, answer)


def _answer(scene: Scene) -> Reply:
    """Tell what the model says or does next."""
    shows_pictures = has_pictures(scene)
    # Who shows a picture asks about it, unless it is plainly something to be done.
    steps = _steps(scene, _ORDERS if shows_pictures else _RULES)
    if acting := _acting(scene, steps):
        return acting
    if seen := describe_outputs(scene):
        return reply(seen, reasoning="A function has given a picture.")
    if shows_pictures and not (steps and scene.done):
        return reply(str(describe_pictures(scene)), reasoning="The user shows a picture.")
    if steps:
        return reply(" ".join(step for step in steps if isinstance(step, str)), reasoning="Everything is known.")
    if read := read_files(scene):
        return reply(read, reasoning="The user has attached a file.")
    if kind := search_kind(scene):
        return _searched(_plain(scene.text), kind)
    return reply(give_up(scene.text), reasoning="Nothing fits.")


def _steps(scene: Scene, rules: tuple[Rule, ...]) -> list[Step]:
    """Give what the wishes in a sentence need next; one that is understood as a whole is not taken apart."""
    sentence = _plain(scene.text)
    whole = _understood(sentence, scene, CAMERA_RULES)
    if whole is not None:
        return [whole]
    found = [_understood(clause, scene, rules) for clause in _clauses(sentence)]
    return [step for step in found if step is not None]


def _acting(scene: Scene, steps: list[Step]) -> Reply | None:
    """Give the calls among the steps, if there are any."""
    wanted = _distinct([step for step in steps if isinstance(step, Call)])
    return calls(*wanted, reasoning=f"The user wants: {_plain(scene.text)}.") if wanted else None


def _clauses(sentence: str) -> list[str]:
    """Give the single wishes in a sentence; one that lacks its verb has that of the one before."""
    if order := _LIST_ORDER.match(sentence):
        return [f"{order['verb']} {item} {order['rest']}" for item in _AND.split(order["items"]) if item]
    parts = [part.strip() for part in _AND.split(sentence) if part.strip()]
    clauses: list[str] = []
    verb = ""
    for part in parts:
        found = _VERB.match(part)
        is_whole = found is not None or any(pattern.search(part) for pattern, _ in _RULES)
        clauses.append(part if is_whole or not verb else f"{verb} {part}")
        verb = found[0] if found else ("" if is_whole else verb)
    return clauses


def _understood(clause: str, scene: Scene, rules: tuple[Rule, ...]) -> Step | None:
    """Tell what a clause needs next, by the first rule that makes sense of it."""
    for pattern, act in rules:
        match = pattern.search(clause)
        step = act(match, scene) if match else None
        if step is not None:
            return step
    return None


def _plain(text: str) -> str:
    """Give the last line of a message without courtesy and final punctuation."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    sentence = lines[-1].rstrip(".?! ") if lines else ""
    while (shorter := _POLITENESS.sub("", sentence).strip(" ,")) != sentence:
        sentence = shorter
    return sentence


def _distinct(wanted: list[Call]) -> list[Call]:
    """Give calls without repetitions, in their order."""
    return list(dict.fromkeys(wanted))


def _searched(question: str, kind: SearchKind) -> Reply:
    """Give an answer from a search; what it finds is as made up as it says."""
    site = "https://example.org/simulated" if kind is SearchKind.WEB else "https://x.com/example/status/1"
    found = citation(site, f"Simulated result for {question}")
    text = f"I looked up “{question}”: this is a simulated search result."
    return search_reply(text, citations=[found], inline=True, kind=kind, query=question, reasoning="I have to search.")


def _forced(ask: Ask, answer: Reply) -> Reply:
    """Give the answer, or the call that the tool choice demands in its place."""
    choice = ask.body.get("tool_choice")
    made = {part.name for part in answer.parts if isinstance(part, Call)}
    match choice:
        case {"name": str(name)} if made != {name}:
            return _demanded(ask, name)
        case "required" if not made and ask.functions:
            return _demanded(ask, ask.functions[0]["name"])
        case _:
            return answer


def _demanded(ask: Ask, name: str) -> Reply:
    """Give a call of one function with the simplest arguments that are valid."""
    tool = next(tool for tool in ask.functions if tool["name"] == name)
    return calls(call(name, instance_of(tool["parameters"])), reasoning="A call is demanded.")


def _said(answer: Reply) -> str:
    """Give the text of a reply."""
    return " ".join(part.text for part in answer.parts if hasattr(part, "text"))
