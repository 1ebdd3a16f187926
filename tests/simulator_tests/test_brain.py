"""The brain understands household sentences, and knows nothing but what it was told."""

from collections.abc import Mapping
import json

import pytest

from ..simulator.brain.brain import think
from ..simulator.jsontypes import Json, JsonObject
from ..simulator.keys import KeyRing
from ..simulator.responses.ask import Ask
from ..simulator.responses.models import Catalogue
from ..simulator.script import Call, Reply, Search, Speech
from .asking import LAMP_TOOL, MODEL, picture_part, user_item
from .assist_sample import LIVE_CONTEXT, PROMPT, ROOM, TOOLS

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
        self.form: JsonObject | None = None
        """The form in which the answer is wanted, if it is not just text."""

    def say(self, sentence: Json, results: Mapping[str, Json] | None = None) -> str:
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
        body: JsonObject = {"tools": self.tools} | ({} if self.form is None else {"text": {"format": self.form}})
        return think(Ask(body=body, model=model, key=key, items=self.items))

    def _run(self, call: Call, results: Mapping[str, Json]) -> None:
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


_CAMERAS = """You are Grok.
<inventory>
# Hall
lock:Front Door
light:Hall Light
camera:Front Door
# Garden
camera:Garden Camera
image:Visitor
</inventory>"""
_LOOK: JsonObject = {
    "type": "function",
    "name": "grok__look_at_camera",
    "description": "Looks at cameras",
    "parameters": {
        "type": "object",
        "properties": {"cameras": {"type": "array", "items": {"type": "string"}}, "question": {"type": "string"}},
        "required": ["cameras"],
        "additionalProperties": False,
    },
}
LOOKS: dict[str, list[str]] = {
    "What do you see at the front door?": ["Front Door"],
    "look at the garden camera": ["Garden Camera"],
    "Is there anybody at the front door?": ["Front Door"],
    "is someone in the garden": ["Garden Camera"],
    "What does the garden camera show?": ["Garden Camera"],
    "who is at the door": ["Front Door"],
    "Who's at the front door?": ["Front Door"],
    "look at the visitor": ["Visitor"],
    "please look at the front door and the garden camera": ["Front Door", "Garden Camera"],
    "Look at all cameras": ["Front Door", "Garden Camera"],
    "show me the cameras": ["Front Door", "Garden Camera"],
}


def watching() -> Conversation:
    """Give a conversation in a home with cameras."""
    return Conversation(prompt=_CAMERAS, tools=[*TOOLS, _LOOK])


@pytest.mark.parametrize(("sentence", "cameras"), LOOKS.items(), ids=LOOKS.keys())
def test_look_at_cameras(sentence: str, cameras: list[str]) -> None:
    """The cameras that a sentence names are looked at in one call, and what the tool tells is said."""
    conversation = watching()
    told = conversation.say(sentence, {"look_at_camera": json.dumps({"descriptions": "A cat."})})
    assert conversation.calls == [("look_at_camera", {"cameras": cameras, "question": sentence})]
    assert told == "A cat."


@pytest.mark.parametrize(
    "sentence",
    ["look at the moon", "what do you see", "is the front door locked", "is there a light on in the garden", "look"],
)
def test_nothing_to_look_at(sentence: str) -> None:
    """What is about no camera looks at none; without the tool nobody looks."""
    conversation = watching()
    conversation.say(sentence)
    assert "look_at_camera" not in [name for name, _ in conversation.calls]
    blind = Conversation(prompt=_CAMERAS)
    blind.say("look at the garden camera")
    assert blind.calls == []


@pytest.mark.parametrize(
    ("result", "told"),
    [
        pytest.param({"description": "A man waits."}, "A man waits.", id="one"),
        pytest.param({"descriptions": {"A": "A cat.", "B": "A dog."}}, "A: A cat. B: A dog.", id="by-name"),
        pytest.param({"descriptions": [{"text": "A cat."}, {"text": "A dog."}]}, "A cat. A dog.", id="list"),
        pytest.param({"problems": {"B": "it is off"}, "description": "A cat."}, "it is off", id="problem"),
        pytest.param({"error": "TooDark", "error_text": "it is too dark"}, "it is too dark", id="error"),
        pytest.param("A cat.", "A cat.", id="text"),
    ],
)
def test_what_the_tool_tells(result: Json, told: str) -> None:
    """What a tool that has looked itself says is passed on, an error as well."""
    output = result if isinstance(result, str) else json.dumps(result)
    assert told in watching().say("look at the garden camera", {"look_at_camera": output})


def test_tool_that_takes_fewer_cameras() -> None:
    """No more cameras are named than the tool takes at once."""
    cameras = {"type": "array", "items": {"type": "string"}, "maxItems": 1}
    tool = {**_LOOK, "parameters": {"type": "object", "properties": {"cameras": cameras}}}
    conversation = Conversation(prompt=_CAMERAS, tools=[tool])
    conversation.say("look at all cameras", {"look_at_camera": "A cat."})
    assert conversation.calls == [("look_at_camera", {"cameras": ["Front Door"]})]


def test_pictures_in_an_output() -> None:
    """Pictures that a function gives are looked at, each with its label if that is short."""
    parts = [
        {
            "type": "input_text",
            "text": json.dumps({"looked_at": ["Front Door", "Garden Camera"], "taken_at": "12:34:56"}),
        },
        {"type": "input_text", "text": "Front Door:"},
        picture_part("red", (640, 480)),
        {"type": "input_text", "text": "Garden Camera"},
        picture_part("green", (320, 240)),
    ]
    conversation = watching()
    assert conversation.say("look at all cameras", {"look_at_camera": parts}) == (
        "Front Door: I see a mostly red picture of 640 by 480 pixels."
        " Garden Camera: I see a mostly green picture of 320 by 240 pixels."
    )
    assert len(conversation.calls) == 1
    unlabelled = watching().say("look at the visitor", {"look_at_camera": parts[2::2]})
    assert unlabelled == (
        "I see a mostly red picture of 640 by 480 pixels and a mostly green one of 320 by 240 pixels."
    )


@pytest.mark.parametrize("color", ["red", "green", "blue", "yellow", "black", "white", "grey"])
def test_color_of_a_picture(color: str) -> None:
    """The brain looks at the pixels."""
    seen = Conversation().say([{"type": "input_text", "text": "What is this?"}, picture_part(color)])
    assert seen == f"I see a mostly {color} picture of 64 by 48 pixels."


def test_unseen_pictures() -> None:
    """A picture of the web is not fetched, so it has no colour."""
    part = {"type": "input_image", "image_url": "https://example.org/a.png"}
    assert Conversation().say([part, part]) == ("I see a picture of 1024 by 768 pixels and one of 1024 by 768 pixels.")


def test_order_beside_a_picture() -> None:
    """An order is carried out though a picture stands beside it; anything else is about the picture."""
    conversation = Conversation()
    said = conversation.say([{"type": "input_text", "text": "Turn on the floor lamp."}, picture_part()])
    assert (conversation.calls, said) == ([("HassTurnOn", _LAMP)], "Turned on Floor Lamp.")
    for sentence in ("Is the floor lamp on?", "Hello", "set this as my wallpaper", "turn on the moon laser"):
        seen = conversation.say([{"type": "input_text", "text": sentence}, picture_part()])
        assert (conversation.calls, seen) == ([], "I see a mostly red picture of 64 by 48 pixels.")


def test_order_before_a_structured_answer() -> None:
    """What is to be done is done before the answer comes in its form."""
    conversation = Conversation()
    conversation.form = {
        "type": "json_schema",
        "schema": {"type": "object", "properties": {"done": {"type": "boolean"}}},
    }
    assert json.loads(conversation.say("turn on the floor lamp")) == {"done": True}
    assert conversation.calls == [("HassTurnOn", _LAMP)]
    assert json.loads(conversation.say("Is the floor lamp on?")) == {"done": True}
    assert conversation.calls == []
