"""The spoken conversations of one voice: a turn is begun, attached to, and its sound is taken.

The speech-to-text entity begins it, the agent attaches to it, the text-to-speech entity takes its sound. The three meet
through a context variable that speech-to-text sets: a pipeline run is one task, and the task of text-to-speech starts
with a copy of its context. Tools run in such copies as well, so every hand-over checks that it means this very turn.
"""

import asyncio
from collections.abc import AsyncIterable, Callable, Coroutine, Sequence
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass, replace
import logging
import math
from typing import Final

from homeassistant.components import assist_pipeline, conversation
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import chat_session, llm
from homeassistant.util.ulid import ulid_now
from websockets.asyncio.client import ClientConnection

from ..account.billing import Billing
from ..account.plain_speech import PATIENCE_S, PlainSpeech
from ..chat.memory import Memory
from ..chat.prompt import TurnPrompt
from ..chat.tools import OfferedTools, Toolbox
from ..const import DOMAIN, NO_WORDS
from ..core.errors import GrokError, GrokRateLimitError
from ..core.fallback import Policy
from ..core.home.assist_prompt import StateContext
from ..core.settings import AgentSettings
from ..core.usage.ledger import Totals
from ..core.usage.prices import voice_cost_usd
from ..core.usage.voice_billing import VoiceBilling
from ..core.voice_settings import EndOfSpeech, VoiceSettings
from ..grok.gate import Gate
from ..grok.speech import SpeechClient
from ..home.keyterms import KeytermList
from ..realtime.config import silence
from ..realtime.conversation import SpokenConversation
from ..realtime.dialler import USUAL as USUAL_DIALLING, DialPolicy
from ..realtime.live_conversation import LiveConversation
from ..realtime.session import SessionUsage
from ..realtime.session_pool import SessionPool
from ..realtime.traits import ServiceTraits
from ..realtime.turn_settings import USUAL, TurnDeadlines, TurnSettings
from ..realtime.turn_state import TurnState
from .followed_turn import Assumed, FollowedTurn
from .history import SpokenHistory
from .satellites import async_device_of, async_listening_satellite
from .session_prompt import SessionPrompts
from .turn import PADDING, SpokenTurn
from .words import SpokenWords

_LOGGER = logging.getLogger(__name__)

LIVE_SPEECH_S: Final = 120.0
LIVE_ATTACH_S: Final = 180.0
"""A turn of a live conversation waits for those before it."""
QUIET_S: Final = 3.0
"""A satellite may write `idle` so long after an answer that was heard to its end."""
MODEL_LENGTH: Final = 100
"""Characters of a model's name that the log shows."""
ALIAS_END: Final = "-latest"

CURRENT_TURN: ContextVar[FollowedTurn | None] = ContextVar(f"{DOMAIN}_turn", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceParts:
    """What spoken conversations share with the rest of their account."""

    speech: SpeechClient
    session_pool: SessionPool
    toolbox: Toolbox
    billing: Billing
    memory: Memory
    gate: Gate
    """Of the speech client's key; the text agent of the same key has the same one."""
    dial_gate: Gate
    """Holds back new sessions only, where the service has too many of them at once."""
    voice_billing: VoiceBilling = VoiceBilling.SENT_AND_RECEIVED
    deadlines: TurnDeadlines = USUAL
    dialling: DialPolicy = USUAL_DIALLING


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
        self.voice = voice
        self.speech = parts.speech
        self.billing = parts.billing
        self.deadlines = parts.deadlines
        """Of the turns that begin from now on."""
        self.stt_entity_id: str | None = None
        """The speech-to-text entity, once it is there."""
        self.on_unclaimed: Callable[[], None] = lambda: None
        """Called where a turn was spoken to us and somebody else answered."""
        self.on_spent: list[Callable[[GrokError], None]] = []
        """Called when the budget is spent."""
        # Whoever may know nothing of the home is told no names either.
        knows_home = llm.LLM_API_ASSIST in agent.llm_apis and agent.state_context is not StateContext.OFF
        keyterms = KeytermList(hass) if knows_home else None
        self.prompts = SessionPrompts(
            hass,
            agent=agent,
            voice=voice,
            toolbox=parts.toolbox,
            history=SpokenHistory(parts.memory, parts.billing.agent, agent.history),
            keyterms=keyterms,
        )
        self._hass = hass
        self._parts = parts
        self._words = SpokenWords(
            hass,
            speech=PlainSpeech(client=parts.speech, gate=parts.gate, billing=parts.billing),
            keyterms=keyterms,
            end_of_speech=voice.end_of_speech,
            policy=lambda: self.policy,
        )
        self._conversations: dict[str, SpokenConversation] = {}
        self._current: dict[str, SpokenTurn] = {}
        self._warned_models: set[str] = set()
        self._traits = ServiceTraits()
        self._stop_watching = parts.billing.meter.async_listen_spent(self._spend_no_more)
        self._tasks: set[asyncio.Task[None]] = set()

    def plain_speech(self) -> PlainSpeech:
        """Return plain speech within the limits of this voice."""
        return PlainSpeech(client=self.speech, gate=self._parts.gate, billing=self.billing)

    @property
    def conversations(self) -> tuple[str, ...]:
        """The ids of the conversations that are kept."""
        return tuple(self._conversations)

    # --- speech-to-text ---

    @callback
    def begin(self, language: str) -> SpokenTurn:
        """Begin a turn of the run that calls, and get everything ready while the user speaks."""
        session = chat_session.current_session.get()
        conversation_id = session.conversation_id if session is not None else ulid_now()
        settings = TurnSettings(
            waits_for_end=self.voice.end_of_speech is EndOfSpeech.HOME_ASSISTANT,
            may_search=self.agent.web_search or self.agent.x_search,
            silence=silence(self.voice.silence_ms),
            deadlines=self.deadlines,
        )
        satellite = async_listening_satellite(self._hass)
        spoken_turn = SpokenTurn(
            self._conversation(conversation_id),
            conversation_id,
            voice_id=self.billing.agent,
            settings=settings,
            language=language,
            satellite=satellite,
        )
        spoken_turn.device_id = async_device_of(self._hass, satellite)
        spoken_turn.begin(self.policy.spent)
        self._current[conversation_id] = spoken_turn
        CURRENT_TURN.set(spoken_turn)
        log = self.prompts.read_log(session)
        self._run(self.prompts.prepare(spoken_turn, log), "prepares a turn")
        return spoken_turn

    async def listen(self, spoken_turn: SpokenTurn, audio: AsyncIterable[bytes]) -> str:
        """Give the words of a turn; where the session has none, those of the plain transcription.

        Raises:
            GrokError: there are no words.
        """
        return await self._words.listen(spoken_turn, audio)

    @property
    def policy(self) -> Policy:
        """Who may help out, and what may be spent, at this moment."""
        meter = self.billing.meter
        return Policy(fallback=self.agent.fallback, budget_action=meter.action, spent=meter.budget_error())

    @callback
    def fail(self, spoken_turn: SpokenTurn, error: GrokError) -> str | None:
        """Give words that stand for none, where only our own agent will get them and can say what is wrong."""
        if not self._is_alone() or not spoken_turn.turn.state.is_listening:
            spoken_turn.kill()
            return None
        spoken_turn.turn.error = error  # why there are no words, not why no session had them
        spoken_turn.give_words(NO_WORDS)
        return NO_WORDS

    def _is_alone(self) -> bool:
        """Whether only our own agent answers what our speech-to-text hears."""
        is_in_pipeline = assist_pipeline.DOMAIN in self._hass.config.components
        if self._words.is_closed or not is_in_pipeline or chat_session.current_session.get() is None:
            return False  # our agent is not there, or not asked
        engines = {
            pipeline.conversation_engine
            for pipeline in assist_pipeline.async_get_pipelines(self._hass)
            if pipeline.stt_engine == self.stt_entity_id
        }
        return engines == {self.prompts.agent_id}

    # --- the agent ---

    @callback
    def attach(self, user_input: conversation.ConversationInput) -> FollowedTurn | None:
        """Give the turn that a sentence belongs to, if it was spoken and nobody has it yet."""
        conversation_id = user_input.conversation_id or ""
        spoken_turn = CURRENT_TURN.get() or self._current.get(conversation_id)
        if spoken_turn is None or spoken_turn.voice_id != self.billing.agent:
            return None
        if not spoken_turn.attach(conversation_id, user_input.text):
            return None
        self.prompts.user_ids[conversation_id] = user_input.context.user_id
        return spoken_turn

    @callback
    def ask_anew(
        self,
        spoken_turn: FollowedTurn,
        prompt: TurnPrompt,
        tools: OfferedTools,
        said: Sequence[conversation.Content],
    ) -> None:
        """Ask with what is true of the turn, in place of what was assumed."""
        _LOGGER.debug("The answer made ahead does not fit what is known now; asking again")
        spoken_turn.assumed = Assumed(prompt=prompt, tools=tools)
        configs = self.prompts.configs(spoken_turn, said)
        is_fresh = spoken_turn.carrier.history.is_fresh
        spoken_turn.ask_text(spoken_turn.turn.text, configs.fresh if is_fresh else configs.kept)

    # --- text-to-speech ---

    @callback
    def take_sound(self, first_text: str) -> SpokenTurn | None:
        """Give the turn whose sound a text stands for; any other text in its run is somebody else's."""
        spoken_turn = CURRENT_TURN.get()
        if not isinstance(spoken_turn, SpokenTurn) or spoken_turn.voice_id != self.billing.agent:
            return None
        if not spoken_turn.turn.was_attached:
            spoken_turn.kill()
            self.on_unclaimed()
            return None
        is_ours = PADDING in first_text and spoken_turn.has_sounded and not spoken_turn.player.is_taken
        return spoken_turn if is_ours else None

    # --- the rest ---

    @callback
    def on_idle(self, satellite: str) -> None:
        """Stop an answer whose satellite has stopped."""
        for spoken_turn in list(self._current.values()):
            if spoken_turn.satellite != satellite:
                continue
            state, now = spoken_turn.turn.state, self._hass.loop.time()
            is_held = state in (TurnState.ATTACHED, TurnState.FOLLOWED)
            if is_held and now - spoken_turn.conversation.former_ends_at > QUIET_S:
                spoken_turn.kill()
            elif state is TurnState.DONE and spoken_turn.player.ends_at() > now:
                spoken_turn.player.cut()

    async def close(self) -> None:
        """End all conversations; whoever listens is told at once."""
        if not self._words.is_closed:
            self._words.is_closed = True
            self._stop_watching()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*(kept.close() for kept in list(self._conversations.values())))

    @callback
    def forget(self, conversation_id: str) -> None:
        """Close the session of a conversation that is to be forgotten: the service remembers it, too."""
        if (kept := self._conversations.get(conversation_id)) is not None:
            self._run(kept.close(), "forgets a conversation")

    def _conversation(self, conversation_id: str) -> SpokenConversation:
        """Give the conversation of an id, with its socket if there is one."""
        if (kept := self._conversations.get(conversation_id)) is not None:
            return kept
        made = SpokenConversation(
            self._dial,
            self._parts.session_pool,
            keep_open_s=self.voice.keep_open_s,
            policy=self._parts.dialling,
            redact=self.speech.redact,
            traits=self._traits,
        )
        made.on_model = self._note_model
        made.usage.billing = self._parts.voice_billing
        made.usage.on_used = self._book
        made.usage.lasts_s = self._lasts_s
        made.on_closed = lambda: self._forget(conversation_id, made)
        self._conversations[conversation_id] = made
        return made

    @callback
    def make_live(self, conversation_id: str) -> LiveConversation:
        """Make what a live conversation runs on; whoever opens it closes it."""
        made = LiveConversation(
            conversation_id,
            self._dial,
            self._parts.session_pool,
            settings=TurnSettings(
                waits_for_end=False,
                may_search=self.agent.web_search or self.agent.x_search,
                deadlines=replace(self.deadlines, speech_s=LIVE_SPEECH_S, attach_s=LIVE_ATTACH_S),
            ),
            policy=self._parts.dialling,
            redact=self.speech.redact,
        )
        made.traits = self._traits
        made.on_model = self._note_model
        made.usage.billing = self._parts.voice_billing
        made.usage.lasts_s = self._lasts_s
        return made

    @property
    def has_room(self) -> bool:
        """Whether another session may be had."""
        return self._parts.session_pool.has_room

    @property
    def obstacle(self) -> GrokError | None:
        """Why the service would not be asked now: it told us to wait."""
        wait_s = self._parts.gate.blocked_s
        return GrokRateLimitError(wait_s) if wait_s > 0 else None

    @callback
    def book(self, used: SessionUsage) -> None:
        """Book what a live conversation has used."""
        self._book(used)

    def _forget(self, conversation_id: str, closed: SpokenConversation) -> None:
        """Let go of a conversation that is closed."""
        if self._conversations.get(conversation_id) is closed:
            del self._conversations[conversation_id]
            self._current.pop(conversation_id, None)
            self.prompts.user_ids.pop(conversation_id, None)

    async def _dial(self) -> ClientConnection:
        """Open a socket within the limits.

        Raises:
            GrokError: it was refused, cannot be had, or a limit holds it back.
        """
        # It lasts, and so takes no place of those that are over in a moment; sessions have places of their own.
        gates = (self._parts.dial_gate, self._parts.gate)
        with ExitStack() as stack:
            dialling, permit = [
                stack.enter_context(await gate.enter(tokens=0, patience_s=PATIENCE_S, takes_place=False))
                for gate in gates
            ]
            try:
                socket = await self.speech.dial_realtime(self.voice.model)
            except GrokRateLimitError as error:
                # Without a time there are too many sessions at once, which is nothing to a written answer.
                refused = dialling if error.retry_after_s is None else permit
                refused.refuse(error.retry_after_s)
                raise
            dialling.accept()
            permit.accept()
            return socket

    @callback
    def _spend_no_more(self) -> None:
        """Close what costs money by the minute as soon as the budget is spent; an answer under way is finished."""
        if (error := self.billing.meter.budget_error()) is not None:
            for kept in list(self._conversations.values()):
                kept.spend_no_more(error)
            for listener in list(self.on_spent):
                listener(error)

    def _lasts_s(self) -> float:
        """Return for how many seconds of sound the budget lasts."""
        left_usd = self.billing.meter.left_usd
        return math.inf if left_usd is None else left_usd / voice_cost_usd(self.voice.model, 1.0, 0)

    def _book(self, used: SessionUsage) -> None:
        """Book what a session has used."""
        totals = Totals(
            requests=used.answers,
            voice_seconds=used.seconds,
            voice_open_seconds=used.open_s,
            text_items=used.text_items,
        )
        self.billing.book_voice(used.model or self.voice.model, totals)

    def _run(self, work: Coroutine[object, object, None], name: str) -> None:
        """Do something in the background until we close."""
        task = self._hass.async_create_task(work, f"{DOMAIN} {name}", eager_start=True)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _note_model(self, model: str) -> None:
        """Tell once where another model answers than was asked for: the service replaces names without a word.

        An alias stands for some other name.
        """
        if model in self._warned_models:
            return
        self._warned_models.add(model)
        is_expected = model == self.voice.model or self.voice.model.endswith(ALIAS_END)
        level = logging.DEBUG if is_expected else logging.WARNING
        answered_by = self.speech.redact(model[:MODEL_LENGTH])
        _LOGGER.log(level, "Asked for the voice model %s, answered by %s", self.voice.model, answered_by)
