"""The conversation agent: what Home Assistant calls with a sentence, and what it gets back."""

import asyncio
from contextlib import suppress
import logging
from typing import Final, Literal, override

from homeassistant.components import conversation
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import MATCH_ALL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, TemplateError
from homeassistant.helpers import intent, llm
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.template import Template

from .chat import Turn, TurnRecord
from .const import DOMAIN
from .core.errors import GrokError, GrokModelError, GrokRequestError, GrokTimeoutError
from .core.settings import FollowUp
from .core.speech import is_question
from .entity import GrokEntity
from .faults import async_sentence, fault_of, translation_of
from .grok.client import GrokClient
from .issues import async_clear_fault, async_report_fault
from .runtime import GrokConfigEntry

_LOGGER = logging.getLogger(__name__)

PREPARE_TIMEOUT_S: Final = 5.0


class GrokConversationEntity(GrokEntity, conversation.ConversationEntity):
    """A conversation agent that answers with Grok and acts with Home Assistant's tools."""

    _attr_supports_streaming = True
    _attr_translation_key = "conversation"

    def __init__(self, entry: GrokConfigEntry, subentry: ConfigSubentry) -> None:
        """Use the account's client until one with an own key is given."""
        super().__init__(entry, subentry)
        # Kept here: Home Assistant takes it from the entry at unload, while a turn or a preparation may still run.
        self._runtime = entry.runtime_data
        self.client: GrokClient = self._runtime.client
        self._running: set[asyncio.Timeout] = set()
        self._is_leaving = False
        if self.settings.llm_apis:
            self._attr_supported_features = conversation.ConversationEntityFeature.CONTROL

    @property
    @override
    def supported_languages(self) -> list[str] | Literal["*"]:
        """Grok speaks whatever it is spoken to in."""
        return MATCH_ALL

    @override
    async def async_added_to_hass(self) -> None:
        """Get ready once Home Assistant has started, when all tools are there."""
        await super().async_added_to_hass()
        self.async_on_remove(async_at_started(self.hass, self._async_get_ready))

    async def _async_get_ready(self, hass: HomeAssistant) -> None:
        """Do in advance, once, what makes a first turn slower than the later ones."""
        await self.async_prepare()

    @override
    async def async_prepare(self, language: str | None = None) -> None:
        """Load the tools and the template's engine; what is wrong with either, the turn itself says."""
        context = llm.LLMContext(
            platform=DOMAIN,
            context=None,
            language=language or self.hass.config.language,
            assistant=conversation.DOMAIN,
            device_id=None,
        )
        # Home Assistant's pipeline waits for this; another integration's API may hang.
        with suppress(HomeAssistantError, TimeoutError):
            prompt = Template(self.settings.prompt or llm.DEFAULT_INSTRUCTIONS_PROMPT, self.hass)
            prompt.async_render({"ha_name": "", "user_name": None, "llm_context": context}, parse_result=False)
            if self.settings.llm_apis:
                async with asyncio.timeout(PREPARE_TIMEOUT_S):
                    api = await llm.async_get_api(self.hass, list(self.settings.llm_apis), context)
                self._runtime.toolbox.offer(api)

    @override
    async def async_will_remove_from_hass(self) -> None:
        """End the turns that still run, each with a sentence."""
        self._is_leaving = True
        for deadline in self._running:
            deadline.reschedule(asyncio.get_running_loop().time())
        await super().async_will_remove_from_hass()

    @override
    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        """Answer one sentence; whatever goes wrong becomes a sentence too."""
        record = TurnRecord()
        try:
            await self._run(user_input, chat_log, record)
        except conversation.ConverseError as error:
            key = "prompt_template" if isinstance(error.__cause__, TemplateError) else "llm_api_missing"
            return await self._refuse(user_input, chat_log, key, {"detail": str(error.__cause__)}, record)
        except GrokError as error:
            # What waiting does not heal goes into the log for the user to find.
            level = logging.WARNING if isinstance(error, GrokRequestError | GrokModelError) else logging.DEBUG
            _LOGGER.log(level, "A turn of %s failed: %s: %s", self.entity_id, type(error).__name__, error.detail)
            async_report_fault(self.hass, self.entry, error, is_own_key=self.settings.api_key is not None)
            key, placeholders = translation_of(error)
            if self._is_leaving:
                key = "unloaded"
            elif fault_of(error).wants_reauth and self.settings.api_key is not None:
                key = "invalid_agent_auth"
            return await self._refuse(user_input, chat_log, key, placeholders, record)
        except Exception:  # the turn's outermost frame: a tool of any integration may raise anything
            _LOGGER.exception("Unexpected failure of a turn")
            return await self._refuse(user_input, chat_log, "unexpected", {"detail": "-"}, record)
        async_clear_fault(self.hass, self.entry)
        return self._answer(user_input, chat_log, record)

    async def _run(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog, record: TurnRecord
    ) -> None:
        """Run the turn within its whole deadline, the preparation of prompt and tools included.

        Raises:
            ConverseError: prompt or tools cannot be had.
            GrokError: there is no answer.
        """
        limit_s = self._runtime.deadlines.turn_s
        try:
            async with asyncio.timeout(limit_s) as deadline:
                self._running.add(deadline)
                await self._converse(user_input, chat_log, record)
        except TimeoutError:
            if not deadline.expired():
                raise  # a tool's own
            raise GrokTimeoutError(limit_s) from None
        finally:
            self._running.discard(deadline)
            chat_log.async_trace({"stats": _stats(record)})

    async def _converse(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog, record: TurnRecord
    ) -> None:
        """Ask with prompt, tools and history until there is an answer."""
        await self._provide_llm_data(user_input, chat_log)
        turn = Turn(
            agent_id=self.entity_id,
            chat_log=chat_log,
            client=self.client,
            catalogue=self._runtime.coordinator.data,
            settings=self.settings,
            toolbox=self._runtime.toolbox,
            record=record,
        )
        await turn.run()

    async def _provide_llm_data(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> None:
        """Have Home Assistant write the prompt and offer the tools."""
        await chat_log.async_provide_llm_data(
            user_input.as_llm_context(DOMAIN),
            list(self.settings.llm_apis),
            self.settings.prompt,
            user_input.extra_system_prompt,
        )

    def _answer(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog, record: TurnRecord
    ) -> conversation.ConversationResult:
        """Make the result: plain words for the voice, the rich form and the sources for the screen."""
        result = conversation.async_get_result_from_chat_log(user_input, chat_log)
        spoken = record.spoken.strip()
        result.response.async_set_speech(spoken)
        card = _card_text(record, spoken)
        if card:
            result.response.async_set_card(self.subentry.title, card)
        match self.settings.follow_up:
            case FollowUp.ALWAYS:
                result.continue_conversation = True
            case FollowUp.NEVER:
                result.continue_conversation = False
            case FollowUp.ON_QUESTION:
                result.continue_conversation = is_question(spoken)
        return result

    async def _refuse(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        key: str,
        placeholders: dict[str, str],
        record: TurnRecord | None = None,
    ) -> conversation.ConversationResult:
        """Make the result of a failed turn: a sentence in the user's language."""
        sentence = await async_sentence(self.hass, user_input.language, key, placeholders)
        if record is not None and record.has_acted:
            sentence += " " + await async_sentence(self.hass, user_input.language, "already_done")
        if record is not None and record.has_spoken and chat_log.delta_listener:
            # A voice is already speaking what was streamed; it takes the sentence from there only.
            chat_log.delta_listener(chat_log, {"content": f"\n{sentence}"})
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_error(intent.IntentResponseErrorCode.FAILED_TO_HANDLE, sentence)
        return conversation.ConversationResult(response=response, conversation_id=chat_log.conversation_id)


def _card_text(record: TurnRecord, spoken: str) -> str:
    """Write what the screen shows beyond the spoken words, in markdown; empty if there is nothing more."""
    written = record.written.strip()
    sources = "\n".join(f"- [{citation.title}]({citation.url})" for citation in record.citations.values())
    if not sources:
        return written if written != spoken else ""
    return f"{written}\n\n{sources}"


def _stats(record: TurnRecord) -> dict[str, object]:
    """Write what a turn cost, for the conversation trace."""
    usage = record.usage
    return {
        "model": record.model,
        "rounds": record.rounds,
        "input_tokens": usage.input_tokens,
        "cached_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "cost_usd": usage.cost_usd,
    }
