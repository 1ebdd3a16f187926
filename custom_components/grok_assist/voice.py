"""One spoken turn across Home Assistant's three entities: begun by the ear, claimed by the agent, heard by the voice.

The three meet through a context variable that the ear sets: a pipeline run is one task, and the voice's task starts
with a copy of its context. Tools run in such copies as well, so every hand-over checks that it means this very turn.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
import logging
import re
from typing import Final

from homeassistant.components import assist_pipeline, conversation
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import chat_session
from homeassistant.helpers.json import json_dumps
from homeassistant.util.ulid import ulid_now

from .const import DOMAIN
from .core.errors import GrokConnectionError, GrokError
from .core.settings import AgentSettings
from .core.voice_prompt import spoken_instructions
from .core.voice_settings import EndOfSpeech, VoiceSettings
from .grok.speech import SpeechClient
from .keyterms import KeytermList
from .microphone import Microphone
from .realtime.channel import Channel, Configs
from .realtime.config import INPUT_RATE, SessionConfig, language_hint
from .realtime.slots import Slots
from .realtime.turn import Stage, Turn
from .satellites import async_device_of, async_listening_satellite
from .toolbox import NO_TOOLS, OfferedTools, Toolbox

_LOGGER = logging.getLogger(__name__)

PADDING: Final = "\n" * 61
"""Home Assistant plays nothing until more than 60 characters of an answer have come. Empty lines count and nobody sees
them (blanks would: the dialog shows an indented text as code). They also keep the answer out of the cache of speech,
which knows an answer by its words alone."""
PREPARE_S: Final = 4.0
QUIET_S: Final = 3.0
"""A satellite may write `idle` so long after an answer that was heard to its end."""
NO_WORDS: Final = "…"
"""What an agent is told where there are no words, so that it can say what went wrong."""
_CLOCK_TIME: Final = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")

CURRENT_TURN: ContextVar[VoiceTurn | None] = ContextVar(f"{DOMAIN}_turn", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What the answer under way was asked with."""

    system: str = ""
    tools: OfferedTools = NO_TOOLS

    def fits(self, system: str, tools: OfferedTools) -> bool:
        """Whether an answer to this is an answer to that; the time of day may have moved on."""
        same_text = _CLOCK_TIME.sub("", self.system) == _CLOCK_TIME.sub("", system)
        return same_text and self.tools.specs == tools.specs


@dataclass(slots=True, kw_only=True)
class VoiceTurn:
    """A turn with what Home Assistant knows of it; filled while it runs."""

    hub: VoiceHub
    turn: Turn
    channel: Channel
    language: str
    satellite: str | None
    assumed: Assumed = field(default_factory=Assumed)
    text: str = ""
    error: GrokError | None = None
    """Why the session cannot answer; the words may be known all the same."""
    is_claimed: bool = False

    @property
    def is_live(self) -> bool:
        """Whether the session can still answer."""
        return self.error is None and self.turn.stage in (Stage.TRANSCRIBED, Stage.CLAIMED)


class VoiceHub:
    """The spoken conversations of one voice subentry."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        agent: AgentSettings,
        voice: VoiceSettings,
        speech: SpeechClient,
        slots: Slots,
        toolbox: Toolbox,
    ) -> None:
        """Start without conversations."""
        self.agent = agent
        self.voice = voice
        self.speech = speech
        self.agent_id: str | None = None
        """The conversation entity, once it is there."""
        self.ear_id: str | None = None
        """The speech-to-text entity, once it is there."""
        self.on_unclaimed: Callable[[], None] = lambda: None
        """Called where a turn was spoken to us and somebody else answered."""
        self._hass = hass
        self._slots = slots
        self._toolbox = toolbox
        self._keyterms = KeytermList(hass)
        self._channels: dict[str, Channel] = {}
        self._current: dict[str, VoiceTurn] = {}
        self._user_ids: dict[str, str | None] = {}
        self._warned_models: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def conversations(self) -> tuple[str, ...]:
        """The ids of the conversations that are kept."""
        return tuple(self._channels)

    # --- the ear ---

    @callback
    def begin(self, language: str) -> VoiceTurn:
        """Begin a turn of the run that calls, and get everything ready while the user speaks."""
        session = chat_session.current_session.get()
        conversation_id = session.conversation_id if session is not None else ulid_now()
        channel = self._channel(conversation_id)
        turn = channel.begin(
            conversation_id,
            waits_for_end=self.voice.end_of_speech is EndOfSpeech.HOME_ASSISTANT,
            may_search=self.agent.web_search or self.agent.x_search,
        )
        voice_turn = VoiceTurn(
            hub=self,
            turn=turn,
            channel=channel,
            language=language,
            satellite=async_listening_satellite(self._hass),
        )
        self._current[conversation_id] = voice_turn
        CURRENT_TURN.set(voice_turn)
        log = self._read_log(session)
        task = self._hass.async_create_task(
            self._prepare(voice_turn, log), f"{DOMAIN} prepares a turn", eager_start=True
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return voice_turn

    async def listen(self, voice_turn: VoiceTurn, audio: AsyncIterable[bytes]) -> str:
        """Give the words of a turn; where the session has none, those of the plain transcription.

        Raises:
            GrokError: there are no words.
        """
        turn = voice_turn.turn
        microphone = Microphone(self._hass, turn, audio)
        try:
            text = await self._words(voice_turn, microphone)
        except GrokError, asyncio.CancelledError:
            turn.kill()
            raise
        finally:
            await microphone.close()
        if voice_turn.error is not None:
            turn.kill()
        voice_turn.text = text
        turn.transcribed(text)
        if chat_session.current_session.get() is None:
            turn.kill()  # nobody will claim it
        return text

    async def _words(self, voice_turn: VoiceTurn, microphone: Microphone) -> str:
        """Give the session's words; where it has none, or no final ones, those of the plain transcription.

        Raises:
            GrokError: there are no words.
        """
        turn, text = voice_turn.turn, ""
        try:
            text = await microphone.words()
            if text and turn.is_certain:
                return text
            if not text:
                # Nobody spoke, or the session did not hear it: then it has no answer either.
                voice_turn.error = GrokConnectionError("the session heard nothing")
        except GrokError as error:
            voice_turn.error = error
            _LOGGER.debug("A realtime turn goes on without its session: %s %s", type(error).__name__, error.detail)
        try:
            if turn.waits_for_end:
                await microphone.end()
            return await self._transcribe(microphone.sound(), voice_turn.language) or text
        except GrokError:
            if not text:
                raise
            return text

    @callback
    def fail(self, voice_turn: VoiceTurn, error: GrokError) -> str | None:
        """Give words that stand for none, where it is our own agent that will get them and can say what is wrong."""
        if assist_pipeline.DOMAIN not in self._hass.config.components:
            return None
        engines = {
            pipeline.conversation_engine
            for pipeline in assist_pipeline.async_get_pipelines(self._hass)
            if pipeline.stt_engine == self.ear_id
        }
        if engines != {self.agent_id}:
            return None
        voice_turn.error = error
        voice_turn.text = NO_WORDS
        return NO_WORDS

    # --- the agent ---

    @callback
    def claim(self, user_input: conversation.ConversationInput) -> VoiceTurn | None:
        """Give the turn that a sentence belongs to, if it was spoken and nobody has it yet."""
        voice_turn = CURRENT_TURN.get() or self._current.get(user_input.conversation_id or "")
        if voice_turn is None or voice_turn.hub is not self or voice_turn.is_claimed:
            return None
        if (voice_turn.turn.conversation_id, voice_turn.text) != (user_input.conversation_id, user_input.text):
            return None
        voice_turn.is_claimed = True
        self._user_ids[voice_turn.turn.conversation_id] = user_input.context.user_id
        if voice_turn.error is None and not voice_turn.turn.claim(voice_turn.turn.conversation_id, voice_turn.text):
            voice_turn.error = GrokConnectionError("the session is gone")
        return voice_turn

    def ask_again(self, voice_turn: VoiceTurn, chat_log: conversation.ChatLog, tools: OfferedTools) -> None:
        """Ask anew with what is true of the turn."""
        system = system_text(chat_log)
        _LOGGER.debug("The answer made ahead does not fit what is known now; asking again")
        configs = self._configs(voice_turn, system, tools, chat_log.content[1:-1])
        voice_turn.assumed = Assumed(system=system, tools=tools)
        is_told = voice_turn.channel.is_fresh
        voice_turn.turn.ask_again(configs.fresh if is_told else configs.kept, voice_turn.text)

    # --- the voice ---

    @callback
    def take_sound(self, first_text: str) -> VoiceTurn | None:
        """Give the turn whose sound a text stands for; any other text in its run is somebody else's."""
        voice_turn = CURRENT_TURN.get()
        if voice_turn is None or voice_turn.hub is not self:
            return None
        if not voice_turn.is_claimed:
            voice_turn.turn.kill()
            self.on_unclaimed()
            return None
        is_ours = PADDING in first_text and voice_turn.turn.has_sounded and not voice_turn.turn.line.is_taken
        return voice_turn if is_ours else None

    # --- the rest ---

    @callback
    def on_idle(self, satellite: str) -> None:
        """Stop an answer whose satellite has stopped."""
        for voice_turn in list(self._current.values()):
            if voice_turn.satellite != satellite:
                continue
            turn, now = voice_turn.turn, self._hass.loop.time()
            if turn.stage is Stage.CLAIMED and now - voice_turn.channel.former_ends_at > QUIET_S:
                turn.kill()
            elif turn.stage is Stage.DONE and turn.line.ends_at() > now:
                turn.stop_sound()

    async def close(self) -> None:
        """End all conversations."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*(channel.close() for channel in list(self._channels.values())))

    def _channel(self, conversation_id: str) -> Channel:
        """Give the line of a conversation."""
        if (channel := self._channels.get(conversation_id)) is not None:
            return channel
        dial = partial(self.speech.dial_realtime, self.voice.model)
        channel = Channel(dial, self._slots, keep_open_s=self.voice.keep_open_s, silence_ms=self.voice.silence_ms)
        channel.on_model = self._note_model
        channel.on_closed = lambda: self._forget(conversation_id, channel)
        self._channels[conversation_id] = channel
        return channel

    def _forget(self, conversation_id: str, channel: Channel) -> None:
        """Let go of a conversation that is closed."""
        if self._channels.get(conversation_id) is channel:
            del self._channels[conversation_id]
            self._current.pop(conversation_id, None)
            self._user_ids.pop(conversation_id, None)

    def _note_model(self, model: str) -> None:
        """Tell once where another model answers than was asked for: the service replaces names without a word."""
        if model in self._warned_models:
            return
        self._warned_models.add(model)
        level = logging.DEBUG if model == self.voice.model else logging.WARNING
        _LOGGER.log(level, "Asked for the voice model %s, answered by %s", self.voice.model, model)

    def _read_log(self, session: chat_session.ChatSession | None) -> conversation.ChatLog | None:
        """Read what was said in this conversation."""
        if session is None:
            return None
        try:
            with conversation.async_get_chat_log(self._hass, session) as log:
                return log
        except HomeAssistantError:  # another run holds the conversation; it will be told when it is its turn
            return None

    async def _prepare(self, voice_turn: VoiceTurn, log: conversation.ChatLog | None) -> None:
        """Write the prompt and the tools that the claim will most probably find."""
        turn = voice_turn.turn
        user_input = conversation.ConversationInput(
            text="",
            context=Context(user_id=self._user_ids.get(turn.conversation_id)),
            conversation_id=turn.conversation_id,
            device_id=async_device_of(self._hass, voice_turn.satellite),
            satellite_id=voice_turn.satellite,
            language=voice_turn.language,
            agent_id=self.agent_id or DOMAIN,
            extra_system_prompt=None,
        )
        contents = list(log.content) if log is not None else []
        # A log of its own: the real one is written when the words are there.
        draft = conversation.ChatLog(self._hass, f"{turn.conversation_id}.{DOMAIN}")
        if log is not None:
            draft.extra_system_prompt = log.extra_system_prompt
        try:
            async with asyncio.timeout(PREPARE_S):
                await draft.async_provide_llm_data(
                    user_input.as_llm_context(DOMAIN), list(self.agent.llm_apis), self.agent.prompt, None
                )
        except (HomeAssistantError, TimeoutError) as error:
            # The turn goes on: the claim meets the same trouble and says it.
            _LOGGER.debug("No prompt for the turn ahead: %s", error)
        tools = self._toolbox.offer(draft.llm_api)
        voice_turn.assumed = Assumed(system=system_text(draft), tools=tools)
        voice_turn.channel.configure(turn, self._configs(voice_turn, system_text(draft), tools, contents[1:]))

    def _configs(
        self,
        voice_turn: VoiceTurn,
        system: str,
        tools: OfferedTools,
        said: Sequence[conversation.Content],
    ) -> Configs:
        """Write what the session has to be, new or kept."""
        channel, voice = voice_turn.channel, self.voice
        history = [_line(content) for content in said]

        def config(lines: list[str]) -> SessionConfig:
            return SessionConfig(
                instructions=spoken_instructions(system, history=lines, interruption=channel.interruption),
                voice=voice.voice,
                tools=tuple(spec.to_json() for spec in tools.specs),
                has_web_search=self.agent.web_search,
                has_x_search=self.agent.x_search,
                language=voice_turn.language,
                keyterms=self._keyterms.terms(),
                speed=voice.speed,
                effort=voice.effort,
                threshold=voice.threshold,
                silence_ms=voice.silence_ms,
                prefix_padding_ms=voice.prefix_padding_ms,
            )

        return Configs(fresh=config(history), kept=config(channel.tell(history)), history=tuple(history))

    async def _transcribe(self, audio: AsyncGenerator[bytes], language: str) -> str:
        """Give the words of sound by the plain transcription, at most those of one utterance where it goes on.

        Raises:
            GrokError: it has none.
        """
        text = ""
        async with aclosing(
            self.speech.transcribe(
                audio, rate=INPUT_RATE, language=language_hint(language), keyterms=self._keyterms.terms()
            )
        ) as transcripts:
            async for transcript in transcripts:
                text = transcript.text
                if transcript.ends_utterance and self.voice.end_of_speech is EndOfSpeech.GROK:
                    break
        return text


def system_text(log: conversation.ChatLog) -> str:
    """Return the prompt of a chat log."""
    first = log.content[0]
    return first.content if isinstance(first, conversation.SystemContent) else ""


def _line(content: conversation.Content) -> str:
    """Write one entry of a chat log for the record."""
    match content:
        case conversation.UserContent(content=text):
            return f"User: {text}"
        case conversation.AssistantContent(content=text, tool_calls=calls):
            made = [f"({call.tool_name} {json_dumps(call.tool_args)})" for call in calls or ()]
            return f"You: {' '.join([(text or '').strip(), *made]).strip()}"
        case conversation.ToolResultContent(tool_name=name, result=result):
            return f"Result of {name}: {json_dumps(result.data)[:500]}"
    return ""
