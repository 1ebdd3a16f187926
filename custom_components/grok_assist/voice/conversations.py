"""One spoken turn across Home Assistant's three entities.

The speech-to-text entity begins it, the agent claims it, the text-to-speech entity takes its sound. The three meet
through a context variable that speech-to-text sets: a pipeline run is one task, and the task of text-to-speech starts
with a copy of its context. Tools run in such copies as well, so every hand-over checks that it means this very turn.
"""

import asyncio
from collections.abc import AsyncIterable, Callable, Coroutine, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
import logging
import math
from typing import Final

from homeassistant.components import assist_pipeline, conversation
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import chat_session, llm
from homeassistant.util.ulid import ulid_now
from websockets.asyncio.client import ClientConnection

from ..account.billing import Billing
from ..account.plain_speech import PATIENCE_S, PlainSpeech
from ..chat.memory import Memory
from ..chat.prompt import NO_PROMPT, PromptWriter, TurnPrompt
from ..chat.tools import OfferedTools, Toolbox
from ..const import DOMAIN, NO_WORDS
from ..core.errors import GrokConnectionError, GrokError, GrokRateLimitError
from ..core.home.assist_prompt import StateContext
from ..core.settings import AgentSettings, Fallback, FollowUp
from ..core.usage.budget import BudgetAction
from ..core.usage.prices import voice_cost_usd
from ..core.voice_prompt import spoken_instructions
from ..core.voice_settings import EndOfSpeech, VoiceSettings
from ..faults import async_tried
from ..grok.gate import Gate
from ..grok.speech import SpeechClient
from ..home.keyterms import KeytermList
from ..realtime.config import SessionConfig
from ..realtime.conversation import SpokenConversation
from ..realtime.exchange import TurnDeadlines
from ..realtime.session_pool import SessionPool
from ..realtime.socket_history import Configs
from ..realtime.turn import TurnState
from ..realtime.use import Use
from .history import SpokenHistory, line_of
from .satellites import async_device_of, async_listening_satellite
from .turn import Assumed, SpokenTurn
from .words import SpokenWords

_LOGGER = logging.getLogger(__name__)

PADDING: Final = "\n" * 61
"""Home Assistant plays nothing until more than 60 characters of an answer have come. Empty lines count and nobody sees
them (blanks would: the dialog shows an indented text as code). They also keep the answer out of the cache of speech,
which knows an answer by its words alone."""
PREPARE_S: Final = 4.0
QUIET_S: Final = 3.0
"""A satellite may write `idle` so long after an answer that was heard to its end."""
MODEL_LENGTH: Final = 100
"""Characters of a model's name that the log shows."""

CURRENT_TURN: ContextVar[SpokenTurn | None] = ContextVar(f"{DOMAIN}_turn", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceParts:
    """What spoken conversations share with the rest of its account."""

    speech: SpeechClient
    session_pool: SessionPool
    toolbox: Toolbox
    billing: Billing
    memory: Memory
    gate: Gate
    """Of the speech client's key; the text agent of the same key has the same one."""


class VoiceConversations:
    """The spoken conversations of one voice subentry."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        agent: AgentSettings,
        voice: VoiceSettings,
        parts: VoiceParts,
    ) -> None:
        """Start without conversations."""
        self.agent = agent
        self.prompts = PromptWriter(hass, agent)
        self.voice = voice
        self.speech = parts.speech
        self.agent_id: str | None = None
        """The conversation entity, once it is there."""
        self.deadlines = TurnDeadlines()
        """Of the conversations that begin from now on."""
        self.stt_entity_id: str | None = None
        """The speech-to-text entity, once it is there."""
        self.on_unclaimed: Callable[[], None] = lambda: None
        """Called where a turn was spoken to us and somebody else answered."""
        self._hass = hass
        self._session_pool = parts.session_pool
        self._toolbox = parts.toolbox
        self.billing = parts.billing
        self._record = SpokenHistory(parts.memory, parts.billing.agent, agent.history)
        # Whoever may know nothing of the home is told no names either.
        knows_home = llm.LLM_API_ASSIST in agent.llm_apis and agent.state_context is not StateContext.OFF
        self._keyterms = KeytermList(hass) if knows_home else None
        self._channels: dict[str, SpokenConversation] = {}
        self._current: dict[str, SpokenTurn] = {}
        self._user_ids: dict[str, str | None] = {}
        self._warned_models: set[str] = set()
        self._words = SpokenWords(
            hass,
            speech=PlainSpeech(client=parts.speech, gate=parts.gate, billing=parts.billing),
            keyterms=self._keyterms,
            end_of_speech=voice.end_of_speech,
            may_hand_over=lambda: self.may_hand_over,
        )
        self._gate = parts.gate
        self._stop_watching = parts.billing.meter.async_listen_spent(self._spend_no_more)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def conversations(self) -> tuple[str, ...]:
        """The ids of the conversations that are kept."""
        return tuple(self._channels)

    # --- speech-to-text ---

    @callback
    def begin(self, language: str) -> SpokenTurn:
        """Begin a turn of the run that calls, and get everything ready while the user speaks."""
        session = chat_session.current_session.get()
        conversation_id = session.conversation_id if session is not None else ulid_now()
        channel = self._channel(conversation_id)
        turn = channel.begin(
            conversation_id,
            waits_for_end=self.voice.end_of_speech is EndOfSpeech.HOME_ASSISTANT,
            may_search=self.agent.web_search or self.agent.x_search,
            refusal=self.billing.meter.budget_error(),
        )
        spoken_turn = SpokenTurn(
            owner=self,
            turn=turn,
            channel=channel,
            language=language,
            satellite=async_listening_satellite(self._hass),
        )
        self._current[conversation_id] = spoken_turn
        CURRENT_TURN.set(spoken_turn)
        log = self._read_log(session)
        self._run(self._prepare(spoken_turn, log), "prepares a turn")
        return spoken_turn

    async def listen(self, spoken_turn: SpokenTurn, audio: AsyncIterable[bytes]) -> str:
        """Give the words of a turn; where the session has none, those of the plain transcription.

        Raises:
            GrokError: there are no words.
        """
        return await self._words.listen(spoken_turn, audio)

    @property
    def may_hand_over(self) -> bool:
        """Whether Home Assistant's own agent may answer what we cannot, so that words are worth something."""
        is_spent = self.billing.meter.is_exhausted
        return self.agent.fallback is Fallback.HOME_ASSISTANT or (
            is_spent and self.billing.meter.action is BudgetAction.HOME_ASSISTANT
        )

    @callback
    def fail(self, spoken_turn: SpokenTurn, error: GrokError) -> str | None:
        """Give words that stand for none, where it is our own agent that will get them and can say what is wrong."""
        is_in_pipeline = assist_pipeline.DOMAIN in self._hass.config.components
        if self._words.is_closed or not is_in_pipeline or chat_session.current_session.get() is None:
            return None  # our agent is not there, or not asked
        engines = {
            pipeline.conversation_engine
            for pipeline in assist_pipeline.async_get_pipelines(self._hass)
            if pipeline.stt_engine == self.stt_entity_id
        }
        if engines != {self.agent_id}:
            return None
        spoken_turn.error = error
        spoken_turn.text = NO_WORDS
        return NO_WORDS

    # --- the agent ---

    @callback
    def claim(self, user_input: conversation.ConversationInput) -> SpokenTurn | None:
        """Give the turn that a sentence belongs to, if it was spoken and nobody has it yet."""
        spoken_turn = CURRENT_TURN.get() or self._current.get(user_input.conversation_id or "")
        if spoken_turn is None or spoken_turn.owner is not self or spoken_turn.is_claimed:
            return None
        if (spoken_turn.turn.conversation_id, spoken_turn.text) != (user_input.conversation_id, user_input.text):
            return None
        spoken_turn.is_claimed = True
        self._user_ids[spoken_turn.turn.conversation_id] = user_input.context.user_id
        if spoken_turn.error is None and not spoken_turn.turn.claim(spoken_turn.turn.conversation_id, spoken_turn.text):
            spoken_turn.error = GrokConnectionError("the session is gone")
        return spoken_turn

    def ask_again(
        self,
        spoken_turn: SpokenTurn,
        prompt: TurnPrompt,
        tools: OfferedTools,
        said: Sequence[conversation.Content],
    ) -> None:
        """Ask anew with what is true of the turn."""
        _LOGGER.debug("The answer made ahead does not fit what is known now; asking again")
        spoken_turn.assumed = Assumed(prompt=prompt, tools=tools)
        configs = self._configs(spoken_turn, said)
        is_told = spoken_turn.channel.is_fresh
        spoken_turn.turn.ask_again(configs.fresh if is_told else configs.kept, spoken_turn.text)

    @callback
    def answer_exactly(self, spoken_turn: SpokenTurn, text: str) -> None:
        """Have a sentence of ours spoken in place of the session's own answer."""
        spoken_turn.turn.answer_exactly(text)

    # --- text-to-speech ---

    @callback
    def take_sound(self, first_text: str) -> SpokenTurn | None:
        """Give the turn whose sound a text stands for; any other text in its run is somebody else's."""
        spoken_turn = CURRENT_TURN.get()
        if spoken_turn is None or spoken_turn.owner is not self:
            return None
        if not spoken_turn.is_claimed:
            spoken_turn.turn.kill()
            self.on_unclaimed()
            return None
        is_ours = PADDING in first_text and spoken_turn.turn.has_sounded and not spoken_turn.turn.line.is_taken
        return spoken_turn if is_ours else None

    # --- the rest ---

    def offer(self, api: llm.APIInstance | None) -> OfferedTools:
        """Write the tools of a turn."""
        return self._toolbox.offer(api, has_microphone=self.agent.follow_up is FollowUp.MODEL)

    @callback
    def on_idle(self, satellite: str) -> None:
        """Stop an answer whose satellite has stopped."""
        for spoken_turn in list(self._current.values()):
            if spoken_turn.satellite != satellite:
                continue
            turn, now = spoken_turn.turn, self._hass.loop.time()
            if turn.state is TurnState.CLAIMED and now - spoken_turn.channel.former_ends_at > QUIET_S:
                turn.kill()
            elif turn.state is TurnState.DONE and turn.line.ends_at() > now:
                turn.stop_sound()

    async def close(self) -> None:
        """End all conversations; whoever listens is told at once."""
        if not self._words.is_closed:
            self._words.is_closed = True
            self._stop_watching()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*(channel.close() for channel in list(self._channels.values())))

    def _channel(self, conversation_id: str) -> SpokenConversation:
        """Give the line of a conversation."""
        if (channel := self._channels.get(conversation_id)) is not None:
            return channel
        channel = SpokenConversation(
            self._dial,
            self._session_pool,
            keep_open_s=self.voice.keep_open_s,
            silence_ms=self.voice.silence_ms,
            deadlines=self.deadlines,
        )
        channel.redact = self.speech.redact
        channel.on_model = self._note_model
        channel.use.on_used = self._book
        channel.use.lasts_s = self._lasts_s
        channel.on_closed = lambda: self._forget(conversation_id, channel)
        self._channels[conversation_id] = channel
        return channel

    async def _dial(self) -> ClientConnection:
        """Open a socket within the limits.

        Raises:
            GrokError: it was refused, cannot be had, or a limit holds it back.
        """
        # It lasts, and so takes no place of those that are over in a moment; sessions have places of their own.
        with await self._gate.enter(tokens=0, patience_s=PATIENCE_S, takes_place=False) as permit:
            try:
                socket = await self.speech.dial_realtime(self.voice.model)
            except GrokRateLimitError as error:
                permit.refuse(error.retry_after_s)
                raise
            permit.accept()
            return socket

    @callback
    def _spend_no_more(self) -> None:
        """Close what costs money by the minute as soon as the budget is spent; an answer under way is finished."""
        if (error := self.billing.meter.budget_error()) is not None:
            for channel in list(self._channels.values()):
                channel.spend_no_more(error)

    def _lasts_s(self) -> float:
        """Return for how many seconds of sound the budget lasts."""
        left_usd = self.billing.meter.left_usd
        return math.inf if left_usd is None else left_usd / voice_cost_usd(self.voice.model, 1.0, 0)

    def _book(self, use: Use) -> None:
        """Book what a session has used."""
        self.billing.book_voice(
            use.model or self.voice.model, answers=use.answers, seconds=use.seconds, text_items=use.text_items
        )

    @callback
    def forget(self, conversation_id: str) -> None:
        """Close the session of a conversation that is to be forgotten: the service remembers it, too."""
        if (channel := self._channels.get(conversation_id)) is not None:
            self._run(channel.close(), "forgets a conversation")

    def _run(self, work: Coroutine[object, object, None], name: str) -> None:
        """Do something in the background until we close."""
        task = self._hass.async_create_task(work, f"{DOMAIN} {name}", eager_start=True)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forget(self, conversation_id: str, channel: SpokenConversation) -> None:
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
        answered_by = self.speech.redact(model[:MODEL_LENGTH])
        _LOGGER.log(level, "Asked for the voice model %s, answered by %s", self.voice.model, answered_by)

    def _read_log(self, session: chat_session.ChatSession | None) -> conversation.ChatLog | None:
        """Read what was said in this conversation."""
        if session is None:
            return None
        try:
            with conversation.async_get_chat_log(self._hass, session) as log:
                return log
        except HomeAssistantError:  # another run holds the conversation; it will be told when it is its turn
            return None

    async def _prepare(self, spoken_turn: SpokenTurn, log: conversation.ChatLog | None) -> None:
        """Write the prompt and the tools that the claim will most probably find."""
        turn = spoken_turn.turn
        user_input = conversation.ConversationInput(
            text="",
            context=Context(user_id=self._user_ids.get(turn.conversation_id)),
            conversation_id=turn.conversation_id,
            device_id=async_device_of(self._hass, spoken_turn.satellite),
            satellite_id=spoken_turn.satellite,
            language=spoken_turn.language,
            agent_id=self.agent_id or DOMAIN,
            extra_system_prompt=None,
        )
        contents = list(log.content) if log is not None else []
        # A log of its own: the real one is written when the words are there.
        draft = conversation.ChatLog(self._hass, f"{turn.conversation_id}.{DOMAIN}")
        if log is not None:
            draft.extra_system_prompt = log.extra_system_prompt
        writing = self.prompts.async_write(
            draft, user_input.as_llm_context(DOMAIN), background=self.agent.context_tokens
        )
        prompt = await async_tried(asyncio.wait_for(writing, PREPARE_S))
        if isinstance(prompt, Exception):
            # The turn goes on: the claim meets the same trouble and says it.
            _LOGGER.debug("No prompt for the turn ahead: %s", prompt)
            prompt = NO_PROMPT
        spoken_turn.assumed = Assumed(prompt=prompt, tools=self.offer(draft.llm_api))
        spoken_turn.channel.configure(turn, self._configs(spoken_turn, contents[1:]))

    def _configs(self, spoken_turn: SpokenTurn, said: Sequence[conversation.Content]) -> Configs:
        """Write what the session has to be, new or kept."""
        channel, voice = spoken_turn.channel, self.voice
        prompt, tools = spoken_turn.assumed.prompt, spoken_turn.assumed.tools
        history = [line_of(content) for content in said]
        before, skipped = self._record.before(
            spoken_turn.turn.conversation_id,
            said,
            user_id=self._user_ids.get(spoken_turn.turn.conversation_id),
            device_id=async_device_of(self._hass, spoken_turn.satellite),
        )

        def config(lines: list[str]) -> SessionConfig:
            return SessionConfig(
                instructions=spoken_instructions(
                    prompt.instructions, history=[*before, *lines], interruption=channel.interruption, live=prompt.block
                ),
                voice=voice.voice,
                tools=tuple(spec.to_json() for spec in tools.specs),
                has_web_search=self.agent.web_search,
                has_x_search=self.agent.x_search,
                language=spoken_turn.language,
                keyterms=self._keyterms.terms() if self._keyterms else (),
                speed=voice.speed,
                effort=voice.effort,
                threshold=voice.threshold,
                silence_ms=voice.silence_ms,
                prefix_padding_ms=voice.prefix_padding_ms,
            )

        told = history[skipped:]
        return Configs(
            fresh=config(told), kept=config(channel.history.tell(history)), told=tuple(told), known=len(history)
        )
