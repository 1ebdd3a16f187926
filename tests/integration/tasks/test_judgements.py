"""Judgements of AI tasks: how probable, how much."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from homeassistant.components import ai_task
from homeassistant.components.conversation import Attachment
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from custom_components.grok_assist.core.errors import GrokCutError, GrokError
from custom_components.grok_assist.core.models import Catalogue
from custom_components.grok_assist.core.schema.judgements import NOTHING_SAID, EvaluationError, Judgement
from custom_components.grok_assist.grok.messages import UserMessage
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import reply, structured
from tests.simulator.server import Simulator

from ..pictures import jpeg
from ..told import NOTE
from ..usage import sensor
from .tasks import PDF, Media, background, bodies, generate, task_entity

pytestmark = pytest.mark.usefixtures("folder")

QUESTIONS = {
    "anybody": {"type": "noul", "instructions": "Is anybody there?"},
    "mess": {"type": "score", "instructions": "How untidy is it?", "criteria": ["tidy", "a mess"]},
}
RIGHT = {"q0": 0.9, "q1": {"o0": 0.25, "o1": 0.75}}
HALLWAY = UserMessage(text="Boots in the hallway.")


async def judge(hass: HomeAssistant) -> dict[str, Judgement]:
    """Have the hallway judged on any release."""
    entity = task_entity(hass)
    return await entity._judge(QUESTIONS, HALLWAY, entity.agent_client)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ('{"q0": 2, "q1": {"o0": 0.5, "o1": 0.5}}', "anybody: there is no probability"),
        ('{"q0": 0.9}', "mess: the probabilities are missing"),
        ("I cannot say.", "the answer: is not valid JSON"),
        ("[0.9]", "the answer: is not a JSON object"),
    ],
)
async def test_judgement_that_makes_no_sense_is_corrected_once(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, wrong: str, problem: str
) -> None:
    """The model is shown its answer and told what is wrong with it."""
    simulator.script(reply(wrong), structured(RIGHT))
    judged = await judge(hass)
    assert (judged["anybody"].value, judged["mess"].value) == (0.9, 0.75)
    first, second = bodies(simulator)
    assert second["input"][:-2] == first["input"]
    answered, told = second["input"][-2:]
    assert answered == {"role": "assistant", "content": wrong}
    assert told["role"] == "user"
    assert told["content"].startswith(NOTE)
    assert problem in told["content"]
    assert {**second, "input": None} == {**first, "input": None}
    assert sensor(hass, entry, "requests") == "2"
    simulator.script(reply(wrong), reply(wrong))
    with pytest.raises(EvaluationError, match=problem):
        await judge(hass)
    assert sensor(hass, entry, "requests") == "4"


async def test_judgement_that_breaks_off_is_booked(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """The model had thought already, and thoughts are paid for."""
    simulator.script(reply("yes", reasoning="There are boots in the hallway, so that somebody has to be at home now."))
    simulator.fault("drop")
    with pytest.raises(GrokError):
        await judge(hass)
    assert sensor(hass, entry, "requests") == "1"
    assert float(sensor(hass, entry, "cost_today")) > 0


async def test_judgement_that_is_cut_is_none(hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator) -> None:
    """Asking again would meet the same limit."""
    subentry = next(iter(entry.get_subentries_of_type("ai_task_data")))
    data = {"recommended": False, "max_tokens": 5, "chat_model": "grok-4.20-0309-non-reasoning"}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await hass.async_block_till_done()
    simulator.script(structured(RIGHT))
    with pytest.raises(GrokCutError):
        await judge(hass)
    assert len(bodies(simulator)) == 1


@pytest.fixture
def evaluate(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Have a situation judged, as Home Assistant 2026.11 asks for it."""
    for name in ("EvaluationTaskResult", "NoulAnswer", "ScoreAnswer"):
        monkeypatch.setattr(ai_task, name, SimpleNamespace, raising=False)

    async def judge(state: object, *attached: Attachment) -> Any:
        """Judge."""
        task = SimpleNamespace(state=state, attachments=attached or None, questions=QUESTIONS)
        return await task_entity(hass)._async_evaluate(task)

    return judge


async def test_judgement_of_what_is_attached_alone_says_so(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, folder: Path, evaluate: Callable[..., Any]
) -> None:
    """The service takes no empty words."""
    (folder / "hall.jpg").write_bytes(jpeg())
    hall = Attachment(media_content_id="media-source://", mime_type="image/jpeg", path=folder / "hall.jpg")
    simulator.script(structured(RIGHT), structured(RIGHT))
    result = await evaluate(None, hall)
    assert result.answers["anybody"].noul == 0.9
    await evaluate({"door": "open"})
    first, second = (body["input"][0]["content"] for body in bodies(simulator))
    assert first[0] == {"type": "input_text", "text": NOTHING_SAID}
    assert second == '{"door":"open"}'


async def test_judgement_that_cannot_be_used_is_a_sentence_and_counted(
    hass: HomeAssistant, entry: GrokConfigEntry, simulator: Simulator, evaluate: Callable[..., Any]
) -> None:
    """A task without its answers has failed like any other."""
    simulator.script(reply("{}"), reply("{}"))
    with pytest.raises(HomeAssistantError, match="judgement cannot be used: anybody: there is no probability"):
        await evaluate("Boots in the hallway.")
    assert sensor(hass, entry, "errors") == "1"


async def test_model_that_cannot_see_is_not_shown_anything(
    hass: HomeAssistant,
    entry: GrokConfigEntry,
    simulator: Simulator,
    folder: Path,
    media: Media,
    evaluate: Callable[..., Any],
) -> None:
    """It is said before anything is read or uploaded; what has no picture works."""
    coordinator = entry.runtime_data.coordinator
    blind = tuple(replace(model, has_vision=False) for model in coordinator.data.models)
    coordinator.async_set_updated_data(Catalogue(blind, is_live=True))
    attached = [media("bill.pdf", PDF), media("half.jpg", b"no picture")]
    with pytest.raises(ServiceValidationError, match=r"grok-4\.3 cannot see pictures"):
        await generate(hass, attachments=attached)
    half = Attachment(media_content_id="media-source://", mime_type="image/jpeg", path=folder / "half.jpg")
    with pytest.raises(ServiceValidationError, match=r"grok-4\.3 cannot see pictures"):
        await evaluate(None, half)
    assert simulator.uploads == []
    assert not bodies(simulator)
    assert await generate(hass, attachments=attached[:1])
    await background(hass)
