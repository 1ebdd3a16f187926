"""Runs the turns of a live conversation, one after the other, through Home Assistant's own conversation."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
import logging
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..account.plain_speech import PlainSpeech
from ..core.errors import GrokError
from ..core.speech.filter import speakable
from ..core.speech.voices import resolve_voice
from ..grok.speech import spoken_language
from ..realtime.dialogue_turn import DialogueTurn
from ..realtime.live_conversation import LiveConversation
from ..voice.conversations import CURRENT_TURN, VoiceConversations
from . import chat_log
from .spoken_turn import LiveSpokenTurn

_LOGGER = logging.getLogger(__name__)

PREPARED_S: Final = 5.0
ENDING_S: Final = 10.0
"""For a tool that runs when the conversation ends: it is finished, never cut off half-way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who speaks, and with whom."""

    conversation_id: str
    user_id: str
    agent_id: str
    device_id: str | None
    language: str

    @property
    def context(self) -> Context:
        """A context of the user's."""
        return Context(user_id=self.user_id)


@dataclass(slots=True, kw_only=True)
class _Job:
    """A turn that is run."""

    spoken: LiveSpokenTurn
    text: str
    length: int = 0
    """Of the chat log before it."""
    is_done: bool = False


class TurnRunner:
    """The queue of one live conversation."""

    def __init__(
        self, hass: HomeAssistant, live: LiveConversation, voices: VoiceConversations, speaker: Speaker
    ) -> None:
        """Start with nothing to run."""
        self.speaker = speaker
        self.on_result: Callable[[DialogueTurn, conversation.ConversationResult], None] = lambda *_: None
        self.on_fault: Callable[[DialogueTurn, str], None] = lambda *_: None
        """Called with the sentence of a turn that failed."""
        self.on_said: Callable[[DialogueTurn, str], None] = lambda *_: None
        """Called when a text that is not the session's own was spoken."""
        self._hass = hass
        self._live = live
        self._voices = voices
        self._speech: PlainSpeech = voices.plain_speech()
        self._turns: dict[DialogueTurn, LiveSpokenTurn] = {}
        self._prepared: dict[DialogueTurn, asyncio.Task[None]] = {}
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._known: dict[DialogueTurn, _Job] = {}
        self._running: asyncio.Task[None] | None = None
        self._loop_task = hass.async_create_background_task(self._run(), "grok_assist live turns")
        self._speaking: set[asyncio.Task[None]] = set()
        self._current: DialogueTurn | None = None
        self._is_closing = False

    @property
    def is_busy(self) -> bool:
        """Whether a turn is under way."""
        return self._running is not None or not self._jobs.empty() or bool(self._speaking)

    @callback
    def begin(self, entry: DialogueTurn) -> LiveSpokenTurn:
        """Get everything ready for a turn while the user speaks."""
        spoken = self._turns[entry] = LiveSpokenTurn(
            self._live,
            entry,
            voice_id=self._voices.billing.agent,
            language=self.speaker.language,
            device_id=self.speaker.device_id,
        )
        self._prepared[entry] = self._hass.async_create_task(self.prepare(spoken), "grok_assist prepares a live turn")
        for old in [old for old in self._turns if old.number < entry.number - 5]:
            self._forget(old)
        return spoken

    async def prepare(self, spoken: LiveSpokenTurn) -> None:
        """Ask the session to be what the turn needs."""
        speaker = self.speaker
        self._voices.prompts.user_ids[speaker.conversation_id] = speaker.user_id
        await self._voices.prompts.prepare_live(spoken, speaker.conversation_id, speaker.context)

    def turn_of(self, entry: DialogueTurn) -> LiveSpokenTurn | None:
        """Return a turn as agents hold it."""
        return self._turns.get(entry)

    @callback
    def run(self, entry: DialogueTurn, text: str) -> None:
        """Run a turn when those before are over."""
        if (spoken := self._turns.get(entry)) is not None:
            job = self._known[entry] = _Job(spoken=spoken, text=text)
            self._jobs.put_nowait(job)

    @callback
    def take_back(self, entry: DialogueTurn) -> None:
        """Undo a turn of which nothing was heard or done: its sentence goes on."""
        if entry.is_sealed or (job := self._known.pop(entry, None)) is None:
            return
        was_done, job.is_done = job.is_done, True
        if self._running is not None and self._running.get_name() == _name(entry):
            self._running.cancel()
        elif was_done:
            chat_log.async_take_back(self._hass, self.speaker.conversation_id, self.speaker.context, job.length)

    @callback
    def cut(self, entry: DialogueTurn, heard: str | None) -> None:
        """Leave in the chat log what was heard of an answer that was cut short."""
        job, speaker = self._known.get(entry), self.speaker
        shown = speakable(heard or "")
        if job is None and (said := entry.turn.speech.transcript) and not entry.is_continuation:
            chat_log.async_add(
                self._hass, speaker.conversation_id, speaker.context, agent_id=speaker.agent_id, said=said, heard=shown
            )
        elif job is not None and job.is_done and heard is not None:
            chat_log.async_amend(self._hass, speaker.conversation_id, speaker.context, shown)

    async def close(self) -> None:
        """End; a tool that runs is finished."""
        self._is_closing = True
        self._loop_task.cancel()
        for task in (*self._prepared.values(), *self._speaking):
            task.cancel()
        if self._running is not None and not (self._current is not None and self._current.is_sealed):
            self._running.cancel()
        if self._running is not None:
            _, late = await asyncio.wait([self._running], timeout=ENDING_S)
            for task in late:
                task.cancel()

    @callback
    def say_plainly(self, entry: DialogueTurn, text: str) -> None:
        """Speak a text that is not the session's own answer, through the same page."""
        speaking = self._say_plainly(entry, text)
        task = self._hass.async_create_task(speaking, "grok_assist speaks a live turn")
        self._speaking.add(task)
        task.add_done_callback(self._speaking.discard)

    # --- inside ---

    async def _run(self) -> None:
        """Run one turn after the other."""
        while True:
            job = await self._jobs.get()
            if job.is_done:
                continue
            turn = self._hass.async_create_task(self._run_turn(job), _name(job.spoken.entry))
            self._running, self._current = turn, job.spoken.entry
            try:
                await asyncio.wait([turn])
            finally:
                self._running = None
            self._live.settle()

    async def _run_turn(self, job: _Job) -> None:
        """Run a turn as Home Assistant runs a typed sentence."""
        spoken, speaker = job.spoken, self.speaker
        entry = spoken.entry
        if entry.turn.state.is_over:
            return  # cut short before its time
        if (prepared := self._prepared.get(entry)) is not None:
            await asyncio.wait([prepared], timeout=PREPARED_S)
        job.length = chat_log.async_length(self._hass, speaker.conversation_id, speaker.context)
        if self._is_closing or entry.turn.state.is_over:
            return
        if (reply := await self._trigger_reply(job)) is not None:
            self._live.dialogue.silence(entry, "text")
            spoken.kill()
            self.say_plainly(entry, reply)
            job.is_done = True
            return
        CURRENT_TURN.set(spoken)
        try:
            result = await conversation.async_converse(
                self._hass,
                job.text,
                speaker.conversation_id,
                speaker.context,
                speaker.language,
                speaker.agent_id,
                speaker.device_id,
            )
        except asyncio.CancelledError:
            chat_log.async_take_back(self._hass, speaker.conversation_id, speaker.context, job.length)
            raise
        except (HomeAssistantError, ValueError) as error:
            _LOGGER.debug("A live turn failed: %s", type(error).__name__)
            self.on_fault(entry, str(error))
            return
        job.is_done = True
        self._tell(spoken, result)

    def _tell(self, spoken: LiveSpokenTurn, result: conversation.ConversationResult) -> None:
        """Show and speak what the session has not."""
        entry = spoken.entry
        self.on_result(entry, result)
        said = str(result.response.speech.get("plain", {}).get("speech", "")) if result.response.speech else ""
        is_error = result.response.error_code is not None
        if entry.turn.is_hushed:
            return
        if is_error:
            self.on_fault(entry, said)
        if said.strip() and (is_error or not spoken.has_sounded):
            self.say_plainly(entry, said)

    async def _trigger_reply(self, job: _Job) -> str | None:
        """Return what an automation that waits for this sentence answers."""
        speaker = self.speaker
        user_input = conversation.ConversationInput(
            text=job.text,
            context=speaker.context,
            conversation_id=speaker.conversation_id,
            device_id=speaker.device_id,
            satellite_id=None,
            language=speaker.language,
            agent_id=speaker.agent_id,
        )
        log = conversation.ChatLog(self._hass, f"{speaker.conversation_id}.trigger")
        return await conversation.async_handle_sentence_triggers(self._hass, user_input, log)

    async def _say_plainly(self, entry: DialogueTurn, text: str) -> None:
        """Have a text spoken by the plain endpoint."""
        live, voice = self._live, self._voices.voice
        response_id = f"said-{entry.number}-{live.now}"
        samples = self._speech.speak(
            _once(text),
            voice=resolve_voice(voice.voice),
            language=spoken_language(self.speaker.language),
            speed=voice.speed,
        )
        try:
            async for pcm in samples:
                live.player.put(entry.number, response_id, response_id, pcm, live.now)
                live.settle()
        except GrokError as error:
            _LOGGER.debug("A sentence of a live conversation was not spoken: %s", type(error).__name__)
        live.player.complete(response_id)
        self.on_said(entry, text)
        live.settle()

    def _forget(self, entry: DialogueTurn) -> None:
        """Forget a turn of long ago."""
        self._turns.pop(entry, None)
        self._known.pop(entry, None)
        self._prepared.pop(entry, None)


def _name(entry: DialogueTurn) -> str:
    """Name the task that runs a turn."""
    return f"grok_assist live turn {entry.number} {id(entry)}"


async def _once(text: str) -> AsyncIterator[str]:
    """Give a text as a stream."""
    yield text
