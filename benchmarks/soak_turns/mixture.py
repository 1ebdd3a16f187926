"""The turns of the soak: mostly ordinary ones, with whatever odd a home meets mixed in."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.voice_turns.dialog import Dialog
from benchmarks.voice_turns.heard import TurnError
from benchmarks.voice_turns.place import SHORT, Place
from tests.harness.grok import AGENT
from tests.harness.waiting import wait_until
from tests.harness.websocket import HomeAssistantSocket

SPEED: Final = 16.0
"""How much faster than it is spoken the microphone sends."""
GARAGE: Final = {"name": "HassTurnOn", "arguments": {"name": "Garage Door"}}
TOLD: Final = "The number of this answer is {}."
QUESTION: Final = "Shall I open Garage Door?"
LONG_SCRIPT: Final = "long_story"
LONG_CHARACTERS: Final = 150_000
"""Of each half: a template of Home Assistant may write 256 KiB."""
LANGUAGES: Final = (
    *("af", "ar", "bg", "bn", "ca", "cs", "da", "de", "de-CH", "el", "en", "en-GB", "es", "es-419", "et", "eu", "fa"),
    *("fi", "fr", "fr-CA", "gl", "he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "nb", "nl", "pl", "pt-BR"),
    *("ro", "ru", "sv", "tr", "zh-Hans", "zh-Hant"),
)
PERIOD: Final = 20
"""Typed turns after which the mixture begins anew."""
SPOKEN_PERIOD: Final = 10

type Json = dict[str, Any]
type Turn = Callable[[int], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Mixture:
    """Has the turns, and keeps what went otherwise than it should."""

    place: Place
    socket: HomeAssistantSocket
    failures: list[str] = field(default_factory=list)
    _typed_in: str | None = None
    """The conversation that half of the typed turns belong to."""
    _spoken_in: str | None = None

    async def prepare(self) -> None:
        """Make the script whose result no turn can carry, and show it to Assist."""
        half = "{{ 'long ' * " + str(LONG_CHARACTERS // 5) + " }}"
        sequence = [{"variables": {"told": {"one": half, "two": half}}}, {"stop": "", "response_variable": "told"}]
        address = f"/api/config/script/config/{LONG_SCRIPT}"
        await self.place.home.client.rest("POST", address, {"alias": "Long story", "sequence": sequence})

        async def is_there() -> bool:
            return f"script.{LONG_SCRIPT}" in await self.place.home.client.states()

        await wait_until(is_there, "the script is there")
        await self.socket.call(
            "homeassistant/expose_entity",
            assistants=["conversation"],
            entity_ids=[f"script.{LONG_SCRIPT}"],
            should_expose=True,
        )

    async def type(self, number: int) -> None:
        """Have one typed turn, of the kind that is due."""
        odd: Mapping[int, Turn] = {
            3: self._blank,
            6: self._long_result,
            9: self._held,
            12: self._refused,
            15: self._lost_tool,
            16: self._claimed,
            18: self._broken_off,
        }
        await self._guarded(odd.get(number % PERIOD, self._plain), number)

    async def speak(self, number: int) -> None:
        """Have one spoken turn, of the kind that is due."""
        odd: Mapping[int, Turn] = {4: self._spoken_and_held, 7: self._spoken_and_dropped}
        await self._guarded(odd.get(number % SPOKEN_PERIOD, self._spoken), number)

    async def _guarded(self, turn: Turn, number: int) -> None:
        """Have a turn; note it where it went otherwise."""
        try:
            await turn(number)
        except (TurnError, TimeoutError) as error:
            self.failures.append(f"turn {number}, {turn.__name__.strip('_')}: {error!r}"[:200])

    # --- typed ---

    async def _plain(self, number: int) -> None:
        """Say an ordinary sentence, in a language of many; each other one in the long conversation."""
        await self.place.simulator.script({"text": TOLD.format(number)})
        answer = await self._process(
            f"Sentence {number}", number, conversation_id=self._typed_in if number % 2 else None
        )
        self._typed_in = self._typed_in or answer["conversation_id"]
        _expect(_speech(answer), TOLD.format(number))

    async def _blank(self, number: int) -> None:
        """Say nothing but blanks."""
        await self._process(" " * (number % 3), number)

    async def _long_result(self, number: int) -> None:
        """Have a tool called whose result is too long for any turn."""
        told = TOLD.format(number)
        await self.place.simulator.script({"calls": [{"name": f"script__{LONG_SCRIPT}"}]}, {"text": told})
        _expect(_speech(await self._process("Tell me the long story", number)), told)

    async def _held(self, number: int) -> None:
        """Order what has to be asked first, and then say yes, no, or nothing ever."""
        await self.place.simulator.script({"calls": [GARAGE]})
        asked = await self._process("Open the garage door", number, language="en")
        _expect(_speech(asked), QUESTION)
        match number // PERIOD % 3:
            case 0:
                done = await self._process("Yes", number, language="en", conversation_id=asked["conversation_id"])
                _expect(_speech(done), "Done.")
                await self.place.home.client.call_service("cover", "close_cover", entity_id="cover.garage_door")
            case 1:
                await self.place.simulator.script({"text": "As you like."})
                await self._process("No", number, language="en", conversation_id=asked["conversation_id"])

    async def _refused(self, number: int) -> None:
        """Say something that the service does not take."""
        await self.place.simulator.fault("unprocessable", times=1)
        await self._process("Refuse me", number)

    async def _lost_tool(self, number: int) -> None:
        """Have a tool called that is not there."""
        told = TOLD.format(number)
        await self.place.simulator.script({"calls": [{"name": "no_such_tool", "arguments": {}}]}, {"text": told})
        await self._process("Call what is not there", number)

    async def _broken_off(self, number: int) -> None:
        """Get an answer that ends in the middle."""
        await self.place.simulator.fault("truncated", times=1)
        await self._process("Say something long", number)
        await self.place.simulator.clear_faults()

    async def _claimed(self, number: int) -> None:
        """Be told of something that was not done: the answer is sent back."""
        await self.place.simulator.script({"text": SHORT.format(number)}, {"text": TOLD.format(number)})
        await self._process("Turn on the garage light", number, language="en")

    async def _process(
        self, text: str, number: int, *, language: str | None = None, conversation_id: str | None = None
    ) -> Json:
        """Say something to the agent and return its answer."""
        spoken: Json = {"text": text, "agent_id": AGENT, "conversation_id": conversation_id}
        language = language or LANGUAGES[number % len(LANGUAGES)]
        return dict(await self.socket.call("conversation/process", language=language, **spoken))

    # --- spoken ---

    async def _spoken(self, number: int) -> None:
        """Speak an ordinary sentence; each other one in the long conversation."""
        kept = self._spoken_in if number % 2 else None
        answer, conversation_id = await self._say({"text": TOLD.format(number)}, kept)
        self._spoken_in = self._spoken_in or conversation_id
        _expect(answer, TOLD.format(number))

    async def _spoken_and_held(self, number: int) -> None:
        """Order what has to be asked first, and do not answer."""
        answer, _ = await self._say({"calls": [GARAGE]}, None)
        _expect(answer, QUESTION)

    async def _spoken_and_dropped(self, number: int) -> None:
        """Lose the session before its answer is heard; something is said all the same."""
        await self.place.simulator.fault("drop_before_audio", times=1)
        try:
            await self._say({"text": TOLD.format(number)}, None)
        finally:
            await self.place.simulator.clear_faults()

    async def _say(self, reply: Json, conversation_id: str | None) -> tuple[str, str]:
        """Speak the sentence of the bench; return the answer's words and the conversation."""
        await self.place.simulator.script(reply)
        dialog = Dialog(self.place, self.socket, speed=SPEED, conversation_id=conversation_id)
        try:
            await dialog.begin()
            await dialog.end()
        finally:
            await dialog.leave()
        return dialog.answer.strip(), dialog.conversation_id


def _speech(answer: Json) -> str:
    """Read what an answer says."""
    return str(answer["response"]["speech"]["plain"]["speech"]).strip()


def _expect(said: str, wanted: str) -> None:
    """Make sure that an answer says what it should.

    Raises:
        TurnError: it does not.
    """
    if wanted not in said:
        raise TurnError(f"the answer was {said[:80]!r}")


def rhythm(typed: int, spoken: int) -> Sequence[bool]:
    """Tell of each turn whether it is spoken, evenly mixed."""
    total = typed + spoken
    return [(number + 1) * spoken // total > number * spoken // total for number in range(total)]
