"""What a session is told of a turn before any agent has attached: prompt, tools, room, and what was said before."""

import asyncio
from collections.abc import Sequence
from inspect import signature
import logging
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import chat_session, llm

from ..chat.prompt import NO_PROMPT, PromptWriter
from ..chat.tools import OfferedTools, Toolbox
from ..const import DOMAIN
from ..core.settings import AgentSettings, FollowUp
from ..core.voice_prompt import spoken_instructions
from ..core.voice_settings import VoiceSettings
from ..faults import async_tried
from ..home.keyterms import KeytermList
from ..realtime.config import SessionConfig
from ..realtime.socket_history import Configs
from .followed_turn import Assumed, FollowedTurn
from .history import SpokenHistory, line_of

_LOGGER = logging.getLogger(__name__)

PREPARE_S: Final = 4.0
KNOWS_OWNERS: Final = "context" in signature(chat_session.async_get_chat_session).parameters
"""Home Assistant asks whose a conversation is (2026.11 and newer)."""


class SessionPrompts:
    """Writes what the sessions of one voice are asked to be."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        agent: AgentSettings,
        voice: VoiceSettings,
        toolbox: Toolbox,
        history: SpokenHistory,
        keyterms: KeytermList | None,
    ) -> None:
        """Know nobody yet."""
        self.writer = PromptWriter(hass, agent)
        self.agent_id: str | None = None
        """The conversation entity, once it is there."""
        self.user_ids: dict[str, str | None] = {}
        """Who spoke last, by conversation."""
        self._hass = hass
        self._agent = agent
        self._voice = voice
        self._toolbox = toolbox
        self._history = history
        self._keyterms = keyterms

    def offer(self, api: llm.APIInstance | None) -> OfferedTools:
        """Write the tools of a turn."""
        return self._toolbox.offer(api, has_microphone=self._agent.follow_up is FollowUp.MODEL)

    def read_log(self, session: chat_session.ChatSession | None) -> conversation.ChatLog | None:
        """Read what was said in a conversation."""
        if session is None:
            return None
        try:
            with conversation.async_get_chat_log(self._hass, session) as log:
                return log
        except HomeAssistantError:  # another run holds the conversation; it will be told when it is its turn
            return None

    async def prepare_live(self, spoken_turn: FollowedTurn, conversation_id: str, context: Context) -> None:
        """Ask the session of a live conversation to be what its next turn needs."""
        owner = {"context": context} if KNOWS_OWNERS else {}
        try:
            with chat_session.async_get_chat_session(self._hass, conversation_id, **owner) as session:
                log = self.read_log(session)
        except HomeAssistantError:
            log = None  # somebody else's: whoever runs the turn is told
        await self.prepare(spoken_turn, log)

    async def prepare(self, spoken_turn: FollowedTurn, log: conversation.ChatLog | None) -> None:
        """Write the prompt and the tools that an agent will most probably find, and ask the session to be so."""
        conversation_id = spoken_turn.turn.conversation_id
        user_input = conversation.ConversationInput(
            text="",
            context=Context(user_id=self.user_ids.get(conversation_id)),
            conversation_id=conversation_id,
            device_id=spoken_turn.device_id,
            satellite_id=spoken_turn.satellite,
            language=spoken_turn.language,
            agent_id=self.agent_id or DOMAIN,
            extra_system_prompt=None,
        )
        contents = list(log.content) if log is not None else []
        # A log of its own: the real one is written when the words are there.
        draft = conversation.ChatLog(self._hass, f"{conversation_id}.{DOMAIN}")
        if log is not None:
            draft.extra_system_prompt = log.extra_system_prompt
        writing = self.writer.async_write(
            draft, user_input.as_llm_context(DOMAIN), background=self._agent.context_tokens
        )
        prompt = await async_tried(asyncio.wait_for(writing, PREPARE_S))
        if isinstance(prompt, Exception):
            # The turn goes on: the agent meets the same trouble and says it.
            _LOGGER.debug("No prompt for the turn ahead: %s", prompt)
            prompt = NO_PROMPT
        spoken_turn.assumed = Assumed(prompt=prompt, tools=self.offer(draft.llm_api))
        spoken_turn.carrier.configure(spoken_turn.turn, self.configs(spoken_turn, contents[1:]))

    def configs(self, spoken_turn: FollowedTurn, said: Sequence[conversation.Content]) -> Configs:
        """Write what the session has to be, on a new socket and on the one that was kept.

        Args:
            spoken_turn: with what is assumed of it.
            said: the chat log's entries before this turn.
        """
        conversation_id = spoken_turn.turn.conversation_id
        history = [line_of(content) for content in said]
        before, skipped = self._history.before(
            conversation_id,
            said,
            user_id=self.user_ids.get(conversation_id),
            device_id=spoken_turn.device_id,
        )
        fresh_lines = history[skipped:]
        kept_lines = spoken_turn.carrier.history.lines_for(history)
        return Configs(
            fresh=self._config(spoken_turn, [*before, *fresh_lines]),
            kept=self._config(spoken_turn, [*before, *kept_lines]),
            fresh_lines=tuple(fresh_lines),
            known=len(history),
        )

    def _config(self, spoken_turn: FollowedTurn, history: list[str]) -> SessionConfig:
        """Write what a session has to be that is told these lines of what was said before."""
        voice, assumed = self._voice, spoken_turn.assumed
        return SessionConfig(
            instructions=spoken_instructions(
                assumed.prompt.instructions,
                history=history,
                interruption=spoken_turn.carrier.history.interruption,
                live=assumed.prompt.block,
            ),
            voice=voice.voice,
            tools=tuple(spec.to_json() for spec in assumed.tools.specs),
            has_web_search=self._agent.web_search,
            has_x_search=self._agent.x_search,
            language=spoken_turn.language,
            keyterms=self._keyterms.terms() if self._keyterms else (),
            speed=voice.speed,
            effort=voice.effort,
            threshold=spoken_turn.threshold(voice),
            silence_ms=spoken_turn.silence_ms(voice),
            prefix_padding_ms=voice.prefix_padding_ms,
        )
