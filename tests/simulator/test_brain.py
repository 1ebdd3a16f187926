"""The brain understands household sentences, and knows nothing but what it was told."""

import json

import pytest

from .ask import Ask
from .asking import LAMP_TOOL, MODEL, user_item
from .assist_sample import LIVE_CONTEXT, PROMPT, ROOM, TOOLS
from .brain import think
from .jsontypes import Json, JsonObject
from .keys import KeyRing
from .models import Catalogue
from .script import Call, Reply, Search, Speech

_LAMP: JsonObject = {"name": "Floor Lamp", "domain": ["light"]}
_DONE = json.dumps({"speech": {}, "response_type": "action_done", "data": {"success": [], "failed": []}})


class Conversation:
    """A conversation with the brain, in which every function answers what it is told to."""

    def __init__(self, prompt: str = PROMPT, tools: list[JsonObject] | None = None, prefix: str = "") -> None:
        """Start with a prompt and tools."""
        offered = TOOLS if tools is None else tools
        self.tools = [{**tool, "name": prefix + tool["name"]} for tool in offered]
        self.items: list[JsonObject] = [{"role": "system", "content": prompt}]
        self.calls: list[tuple[str, JsonObject]] = []

    def say(self, sentence: Json, results: dict[str, str] | None = None) -> str:
        """Say a sentence, answer the calls that it leads to, and return what is said in the end."""
        self.items.append(user_item(sentence))
        self.calls.clear()
        while made := [part for part in self.think().parts if isinstance(part, Call)]:
            assert len(self.items) < 20
            for call in made:
                self._run(call, results or {})
        return " ".join(part.text for part in self.think().parts if isinstance(part, Speech))

    def think(self) -> Reply:
        """Have the brain answer what was said so far."""
        model, key = Catalogue().find(MODEL), KeyRing().authenticate("Bearer xai-x")
        return think(Ask(body={"tools": self.tools}, model=model, key=key, items=self.items))

    def _run(self, call: Call, results: dict[str, str]) -> None:
        """Answer one call."""
        name = call.name.rpartition("__")[2]
        self.calls.append((name, json.loads(call.arguments)))
        call_id = str(len(self.items))
        output = results.get(name, json.dumps({"result": LIVE_CONTEXT}) if name == "GetLiveContext" else _DONE)
        self.items += [
            {"type": "function_call", "call_id": call_id, "name": call.name, "arguments": call.arguments},
            {"type": "function_call_output", "call_id": call_id, "output": output},
        ]


ACTIONS: dict[str, list[tuple[str, JsonObject]]] = {
    "Turn on the floor lamp.": [("HassTurnOn", _LAMP)],
    "Could you please turn the big light off?": [("HassTurnOff", {"name": "Ceiling Light", "domain": ["light"]})],
    "switch on Ada's fan": [("HassTurnOn", {"name": "Ada's Fan", "domain": ["fan"]})],
    "turn off the kitchen lights": [("HassTurnOff", {"area": "Kitchen", "domain": ["light"]})],
    "turn off all the lights": [("HassTurnOff", {"domain": ["light"]})],
    "turn everything off in the kitchen": [("HassTurnOff", {"area": "Kitchen"})],
    "turn on the coffee machine and open the garage door": [
        ("HassTurnOn", {"name": "Coffee Machine", "domain": ["switch"]}),
        ("HassTurnOn", {"name": "Garage Door", "domain": ["cover"]}),
    ],
    "turn off the floor lamp and the fan": [
        ("HassTurnOff", _LAMP),
        ("HassTurnOff", {"name": "Ada's Fan", "domain": ["fan"]}),
    ],
    "toggle the floor lamp": [("GetLiveContext", {"name": "Floor Lamp"}), ("HassTurnOff", _LAMP)],
    "set the floor lamp to 40%": [("HassLightSet", {**_LAMP, "brightness": 40})],
    "dim the floor lamp": [("HassLightSet", {**_LAMP, "brightness": 30})],
    "make the floor lamp red": [("HassLightSet", {**_LAMP, "color": "red"})],
    "set the floor lamp to warm white": [("HassLightSet", {**_LAMP, "temperature": 2700})],
    "close the garage": [("HassTurnOff", {"name": "Garage Door", "domain": ["cover"]})],
    "open the garage door halfway": [("HassSetPosition", {"name": "Garage Door", "domain": ["cover"], "position": 50})],
    "set the garage door to 20 percent": [
        ("HassSetPosition", {"name": "Garage Door", "domain": ["cover"], "position": 20})
    ],
    "stop the garage door": [("HassStopMoving", {"name": "Garage Door", "domain": ["cover"]})],
    "lock the front door": [("HassTurnOn", {"name": "Front Door", "domain": ["lock"]})],
    "unlock the front door": [("HassTurnOff", {"name": "Front Door", "domain": ["lock"]})],
    "set the temperature to 20.5 degrees": [("HassClimateSetTemperature", {"temperature": 20.5, "name": "Thermostat"})],
    "set the fan to 50%": [("HassFanSetSpeed", {"name": "Ada's Fan", "domain": ["fan"], "percentage": 50})],
    "pause the tv": [("HassMediaPause", {"name": "TV", "domain": ["media_player"]})],
    "resume": [("HassMediaUnpause", {})],
    "next song": [("HassMediaNext", {})],
    "set the volume to 30%": [("HassSetVolume", {"volume_level": 30})],
    "turn the volume up": [("HassSetVolumeRelative", {"volume_step": "up"})],
    "start the vacuum": [("HassVacuumStart", {"name": "Robby", "domain": ["vacuum"]})],
    "send the vacuum home": [("HassVacuumReturnToBase", {"name": "Robby", "domain": ["vacuum"]})],
    "set a 10 minute timer for pasta": [("HassStartTimer", {"minutes": 10, "name": "pasta"})],
    "set a timer for half an hour": [("HassStartTimer", {"minutes": 30})],
    "cancel the timer": [("HassCancelTimer", {})],
    "add milk and bread to the shopping list": [
        ("HassListAddItem", {"item": "milk", "name": "Shopping List"}),
        ("HassListAddItem", {"item": "bread", "name": "Shopping List"}),
    ],
    "announce dinner is ready": [("HassBroadcast", {"message": "dinner is ready"})],
}


@pytest.mark.parametrize(("sentence", "wanted"), ACTIONS.items(), ids=ACTIONS.keys())
def test_action(sentence: str, wanted: list[tuple[str, JsonObject]]) -> None:
    """A sentence leads to exactly the calls that it means, and to a confirmation."""
    conversation = Conversation(prefix="assist__")
    spoken = conversation.say(sentence)
    assert conversation.calls == wanted
    assert spoken
    assert "could not" not in spoken


ANSWERS: dict[str, str] = {
    "Is the front door locked?": "Yes, Front Door is locked.",
    "is the garage door open": "No, Garage Door is closed.",
    "Which lights are on?": "Ceiling Light and Floor Lamp are on.",
    "are any lights on in the kitchen": "Ceiling Light is on.",
    "What is the temperature in the kitchen?": "The temperature in Kitchen is 20.1 °C.",
    "how warm is it in the living room": "The temperature in Living Room is 21.5 degrees.",
    "what is the state of the thermostat": "Thermostat is heat at 21.5 degrees.",
    "what lights do I have in the kitchen?": "There is Ceiling Light and Worktop Light.",
    "What time is it?": "It is 12:34.",
    "what's the date": "It is 2026-11-20.",
    "Hello!": "Hello! What can I do for you?",
    "thanks": "You are welcome.",
    "say good night": "good night",
    "turn on the moon laser": "I could not find the moon laser among the devices that I was given.",
    "turn on the lights": "Which ones should I turn on? Tell me a room or a name.",
}


@pytest.mark.parametrize(("question", "answer"), ANSWERS.items(), ids=ANSWERS.keys())
def test_answer(question: str, answer: str) -> None:
    """A question is answered from the prompt or from what the tools tell."""
    assert Conversation().say(question) == answer


def test_result_is_told_as_it_is() -> None:
    """Success names what the tool names; an error is passed on, in both its forms."""
    done = {"response_type": "action_done", "data": {"success": [{"name": "Lamp 1", "type": "entity"}], "failed": []}}
    assert Conversation().say("turn on the floor lamp", {"HassTurnOn": json.dumps(done)}) == "Turned on Lamp 1."
    error = json.dumps({"error": "MatchFailedError", "error_text": "no such light"})
    assert "no such light" in Conversation().say("turn on the floor lamp", {"HassTurnOn": error})
    assert "blind" in Conversation().say("is the floor lamp on", {"GetLiveContext": '{"error": "blind"}'})


def test_no_tool_is_said_plainly() -> None:
    """Without a fitting tool nothing is pretended."""
    assert Conversation(tools=[]).say("turn on the floor lamp") == "I have no tool to turn on Floor Lamp."
    assert "no tool" in Conversation(tools=[LAMP_TOOL]).say("is the floor lamp on?")
    unfit = [{**LAMP_TOOL, "parameters": {"type": "object", "required": ["entity_id"]}}]
    assert "no tool" in Conversation(tools=unfit).say("turn on the floor lamp")


def test_home_without_inventory_is_taken_at_its_word() -> None:
    """Where no entity was told of, the words go to the tool as they are."""
    conversation = Conversation(prompt="You are helpful.")
    conversation.say("turn on the kitchen light")
    assert conversation.calls == [("HassTurnOn", {"name": "kitchen light"})]


def test_room_of_the_speaker_is_meant() -> None:
    """Generic commands go to the room that the prompt names."""
    conversation = Conversation(prompt=f"{PROMPT}\n{ROOM}")
    conversation.say("turn on the lights")
    assert conversation.calls == [("HassTurnOn", {"area": "Kitchen", "domain": ["light"]})]


def test_states_in_the_prompt_need_no_tool() -> None:
    """Where the prompt carries states, a question is answered at once."""
    conversation = Conversation(prompt=LIVE_CONTEXT)
    assert conversation.say("is the front door locked") == "Yes, Front Door is locked."
    assert conversation.calls == []


def test_it_means_what_was_spoken_of() -> None:
    """A pronoun means the target of the last call."""
    conversation = Conversation()
    conversation.say("turn on the floor lamp")
    conversation.say("turn it off")
    assert conversation.calls == [("HassTurnOff", _LAMP)]


def test_music_is_searched_then_played() -> None:
    """The first search result is played."""
    found = {"results": [{"title": "Jazz", "media_content_id": "j", "media_content_type": "music"}]}
    conversation = Conversation()
    assert conversation.say("play jazz on the tv", {"search_media": json.dumps(found)}) == "Playing Jazz."
    assert [name for name, _ in conversation.calls] == ["search_media", "play_media"]


def test_list_is_read_out() -> None:
    """The items of a list are told."""
    items = json.dumps({"items": [{"summary": "milk"}, {"summary": "bread"}]})
    answer = Conversation().say("what's on my shopping list?", {"get_items": items})
    assert answer == "On Shopping List: milk and bread."


@pytest.mark.parametrize(("kind", "question"), [("web_search", "Who won?"), ("x_search", "What do people on X say?")])
def test_question_to_the_world_is_searched(kind: str, question: str) -> None:
    """A question about the world uses a search where one is offered, and says so where none is."""
    conversation = Conversation()
    assert "no answer" in conversation.say(question)
    conversation.tools.append({"type": kind})
    search = next(part for part in conversation.think().parts if isinstance(part, Search))
    assert search.kind == kind


def test_earlier_turns_are_remembered() -> None:
    """What was said before is known as long as the client sends it along."""
    conversation = Conversation()
    assert conversation.say("my name is Ada") == "Nice to meet you, Ada."
    conversation.items.append({"role": "assistant", "content": "Nice to meet you, Ada."})
    assert conversation.say("What is my name?") == "Your name is Ada."
    assert conversation.say("what did I say") == "You said: What is my name?"


@pytest.mark.parametrize("sentence", ["", "   ", "and", "turn", "set x to 5", "is", "play", "42", "ß?!", "turn it on"])
def test_nonsense_gets_an_answer(sentence: str) -> None:
    """Nothing that is said makes the brain fall over."""
    assert Conversation().say(sentence)
