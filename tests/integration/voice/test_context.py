"""What a voice session knows of the home and of what was said, and when it is told."""

from homeassistant.components.assist_pipeline import PipelineEvent
from homeassistant.core import HomeAssistant

from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.realtime.record import RecordedSession
from tests.simulator.script import reply
from tests.simulator.server import Simulator

from ..agents import change_voice, state_of
from ..chat.test_history import restart
from ..talk import until
from .spoken import sentence, speak


def instructions(session: RecordedSession) -> list[str]:
    """Return the instructions of each update of a session."""
    return [event.body["session"]["instructions"] for event in session.sent("session.update")]


async def test_state_when_asked_by_voice_then_in_the_session_from_the_beginning(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """The block stands at the end of the instructions, the inventory before it, and no tool is needed."""
    run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
    assert run.error is None
    (told,) = instructions(simulator.sessions[0])
    assert "<inventory>\n# Kitchen\ninput_boolean:Kitchen light" in told
    block = told[told.index("<home>") :]
    assert "Kitchen light: off" in block
    assert block.splitlines()[-1].startswith("It is ")


async def test_state_when_it_changes_in_an_answer_then_told_before_the_next_turn_and_not_sooner(
    hass: HomeAssistant, simulator: Simulator, voice: str
) -> None:
    """A session that speaks is left alone; the next turn knows."""
    simulator.voice_pace(audio_speed=1)
    simulator.script(reply("It is quiet."), reply("As I said."))

    def change(event: PipelineEvent) -> None:
        """Switch a light while the answer is on its way."""
        if str(event.type) == "intent-progress":
            hass.states.async_set("input_boolean.kitchen_light", "on", {"friendly_name": "Kitchen light"})

    first = await speak(hass, sentence("good_morning"), pipeline_id=voice, on_event=change)
    (session,) = simulator.sessions
    assert state_of(hass, "input_boolean.kitchen_light").state == "on"
    assert len(instructions(session)) == 1
    await speak(hass, sentence("what_did_you_say"), pipeline_id=voice, conversation_id=first.conversation_id)
    before, after = instructions(session)
    assert "Kitchen light: off" in before
    assert "Kitchen light: on" in after
    turn = ["session.update", "response.created", "response.done"]
    assert [kind for event in session.events if (kind := event.body["type"]) in turn] == turn * 2
    assert session.text_items == 0


async def test_turn_when_its_template_is_broken_then_place_and_socket_are_free_again(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """Whatever ends a turn that was claimed, nothing of it stays behind."""
    await change_voice(hass, entry, prompt="{{ 1 / 0 }}", keep_open_s=0)
    for _ in range(2):
        run = await speak(hass, sentence("good_morning"), pipeline_id=voice)
        assert "mistake in their template" in run.speech
    await until(lambda: simulator.open_sessions == 0)
    (voices,) = entry.runtime_data.voices.values()
    assert voices.conversations == ()


async def test_forgotten_words_when_a_session_goes_on_then_never_told_again(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """After `forget` the old words are in no instructions, of the first turn and of those after it."""
    simulator.script(*[reply(text) for text in ("Pancakes it is.", "Nothing.", "Really nothing.")])
    await speak(hass, sentence("good_morning"), pipeline_id=voice, conversation_id="kitchen display")
    await hass.services.async_call("grok_assist", "forget", {}, blocking=True)
    await until(lambda: simulator.open_sessions == 0)
    for _ in range(2):
        await speak(hass, sentence("what_did_you_say"), pipeline_id=voice, conversation_id="kitchen display")
    assert len(simulator.sessions) == 2
    assert not [told for told in instructions(simulator.sessions[1]) if "Pancakes" in told]


async def test_history_when_home_assistant_restarts_then_in_the_new_sessions_instructions(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """What was said before is told without paid text items."""
    simulator.script(reply("Good morning, Anna."))
    first = await speak(hass, sentence("good_morning"), pipeline_id=voice, conversation_id="kitchen display")
    assert first.speech == "Good morning, Anna."
    await restart(hass, entry)
    simulator.script(reply("I said good morning."))
    await speak(hass, sentence("what_did_you_say"), pipeline_id=voice, conversation_id="kitchen display")
    session = simulator.sessions[-1]
    assert "You: Good morning, Anna." in instructions(session)[0]
    assert session.text_items == 0


async def test_summary_when_there_is_one_then_told_in_place_of_the_turns(
    hass: HomeAssistant, simulator: Simulator, voice: str, entry: GrokConfigEntry
) -> None:
    """A long conversation is folded for the voice, too."""
    await change_voice(hass, entry, history_turns=1)
    simulator.script(reply("Answer one."), reply("Answer two."), reply("They greeted each other."))
    for _ in range(2):
        await speak(hass, sentence("good_morning"), pipeline_id=voice, conversation_id="kitchen display")
    await hass.async_block_till_done(wait_background_tasks=True)
    simulator.script(reply("Answer three."))
    await speak(hass, sentence("what_did_you_say"), pipeline_id=voice, conversation_id="kitchen display")
    told = instructions(simulator.sessions[-1])[-1]
    assert "Before: They greeted each other." in told
    assert "Answer one." not in told
