"""The conversation agent: what Home Assistant calls with a sentence, and what it gets back."""

import asyncio
from dataclasses import replace
from inspect import signature
import logging
from typing import Final, Literal, override

from homeassistant.components import conversation
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import MATCH_ALL
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm
from homeassistant.helpers.chat_session import async_get_chat_session
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.template import Template

from .account.agent_client import AgentClient
from .account.billing import Billing
from .chat.consent import ConsentRules, async_begin
from .chat.fallback_agent import async_ask_fallback_agent
from .chat.follow_up import FollowUps
from .chat.guarded_tools import HOLDER
from .chat.prompt import PromptError, PromptWriter, TurnPrompt, last_sentences
from .chat.recall import Recall
from .chat.record import TurnOptions, TurnRecord
from .chat.result import Refusal, ResultWriter, stats
from .chat.summary import Summariser
from .chat.tool_calls import utter
from .chat.turn import TextTurn
from .const import DOMAIN, NO_WORDS
from .core.consent.book import AskBefore
from .core.errors import GrokError, GrokModelError, GrokRequestError, GrokTimeoutError
from .core.fallback import NextStep, Outcome
from .core.history import Remembered
from .core.models import Catalogue
from .entity import GrokEntity, Running
from .faults import async_tried, fault_of, log_fault, translation_of
from .grok.client import GrokClient
from .grok.patience import USUAL_PATIENCE
from .issues import async_check_apis
from .runtime import GrokConfigEntry
from .voice.satellites import async_was_called

_LOGGER = logging.getLogger(__name__)

PREPARE_TIMEOUT_S: Final = 5.0
KNOWS_OWNERS: Final = "context" in signature(async_get_chat_session).parameters


class GrokConversationEntity(GrokEntity, conversation.ConversationEntity):
    """A conversation agent that answers with Grok and acts with Home Assistant's tools."""

    _attr_supports_streaming = True
    _attr_translation_key = "conversation"

    def __init__(self, entry: GrokConfigEntry, subentry: ConfigSubentry, prompts: PromptWriter) -> None:
        """Use the account's client until one with an own key is given."""
        super().__init__(entry, subentry)
        self.client: GrokClient = self._runtime.client
        self.patience = USUAL_PATIENCE
        """Of a turn for which somebody waits."""
        self._prompts = prompts
        self._follow_ups = FollowUps(self.settings.follow_up)
        self._results = ResultWriter(
            title=subentry.title,
            follow_ups=self._follow_ups,
            meter=self._runtime.meter,
            sentences=self._runtime.sentences,
            handed_over=self._runtime.handed_over,
        )
        self.billing = Billing(meter=self._runtime.meter, agent=subentry.subentry_id)
        self._running = Running()
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
        self.async_on_remove(self._running.end_at_stop(self.hass))

    async def _async_get_ready(self, hass: HomeAssistant) -> None:
        """Do in advance, once, what makes a first turn slower than the later ones."""
        await self.async_prepare()

    @override
    async def async_prepare(self, language: str | None = None) -> None:
        """Load the tools and the template's engine; what is wrong with either, the turn itself says."""
        await async_tried(self._load(language))

    async def _load(self, language: str | None) -> None:
        """Load the tools and the template's engine."""
        context = llm.LLMContext(
            platform=DOMAIN,
            context=None,
            language=language or self.hass.config.language,
            assistant=conversation.DOMAIN,
            device_id=None,
        )
        prompt = Template(self.settings.prompt or llm.DEFAULT_INSTRUCTIONS_PROMPT, self.hass)
        prompt.async_render({"ha_name": "", "user_name": None, "llm_context": context}, parse_result=False)
        if self.settings.llm_apis:
            # Home Assistant's pipeline waits for this; another integration's API may hang.
            async with asyncio.timeout(PREPARE_TIMEOUT_S):
                api = await llm.async_get_api(self.hass, list(self.settings.llm_apis), context)
            self._runtime.toolbox.offer(api)

    @override
    async def async_will_remove_from_hass(self) -> None:
        """End the turns that still run, each with a sentence."""
        self._running.end()
        await super().async_will_remove_from_hass()

    @override
    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        """Answer one sentence; whatever goes wrong becomes a sentence too."""
        record = TurnRecord()
        if not user_input.text.strip():
            return await self._results.ask_for_words(user_input, chat_log)
        if self._is_own_voice(user_input, chat_log):
            _LOGGER.debug("%s heard its own voice and stops listening", self.entity_id)
            return self._results.fall_silent(user_input, chat_log)
        try:
            await self._run(user_input, chat_log, record)
        except PromptError as error:
            refusal = Refusal(key=error.key, placeholders={"detail": error.detail})
            return await self._results.refuse(refusal, user_input, chat_log, record)
        except GrokError as error:
            return await self._recover(error, user_input, chat_log, record)
        except Exception:  # the turn's outermost frame: a tool of any integration may raise anything
            _LOGGER.exception("Unexpected failure of a turn")
            refusal = Refusal(key="unexpected", placeholders={"detail": "-"})
            return await self._results.refuse(refusal, user_input, chat_log, record)
        self.clear_fault()
        return self._results.answer(user_input, chat_log, record)

    @property
    def catalogue(self) -> Catalogue:
        """The models of the account."""
        return self._runtime.coordinator.data

    @property
    def agent_client(self) -> AgentClient:
        """Who asks, as of now."""
        return AgentClient(
            client=self.client,
            billing=self.billing,
            catalogue=self.catalogue,
            settings=self.settings,
            patience=self.patience,
        )

    async def async_ask(
        self, user_input: conversation.ConversationInput, options: TurnOptions, record: TurnRecord
    ) -> str:
        """Answer a question that no user waits for; return the id of its conversation.

        Raises:
            PromptError: prompt or tools cannot be had.
            GrokError: there is no answer.
            HomeAssistantError: the conversation is somebody else's or busy, or the agent is leaving.
        """
        with (
            async_get_chat_session(self.hass, user_input.conversation_id, **_owner(user_input)) as session,
            conversation.async_get_chat_log(self.hass, session, user_input) as chat_log,
        ):
            instructions = chat_log.extra_system_prompt
            try:
                # Raised below: Home Assistant would keep its text as an answer, or lose the conversation.
                failure = await async_tried(self._run(user_input, chat_log, record, options))
            finally:
                chat_log.extra_system_prompt = instructions  # those of one question
            if isinstance(failure, GrokError):
                self._note_failure(failure)
                self._results.note_outcome(Outcome.ERROR, chat_log)
            conversation_id = chat_log.conversation_id
        if self._running.is_leaving and isinstance(failure, GrokTimeoutError):
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="unloaded")
        if failure is not None:
            raise failure
        self.clear_fault()
        return conversation_id

    def _note_failure(self, error: GrokError) -> None:
        """Log and count a failure, and ask the user for what helps."""
        # What waiting does not heal goes into the log for the user to find.
        level = logging.WARNING if isinstance(error, GrokRequestError | GrokModelError) else logging.DEBUG
        log_fault(_LOGGER, level, f"A turn of {self.entity_id} failed", error)
        self.report_fault(error)
        self.billing.book_error()

    async def _recover(
        self,
        error: GrokError,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        record: TurnRecord,
    ) -> conversation.ConversationResult:
        """Let somebody else answer, or say what is wrong."""
        self._note_failure(error)
        policy = replace(self.policy, is_leaving=self._running.is_leaving)
        step = policy.after_text(error, has_spoken=record.has_spoken, has_acted=record.has_acted)
        key, placeholders = translation_of(error)
        if self._running.is_leaving:
            key = "unloaded"
        elif fault_of(error).wants_reauth and self.settings.api_key is not None:
            key = "invalid_agent_auth"
        notes: tuple[str, ...] = ()
        if step is NextStep.HOME_ASSISTANT and user_input.text != NO_WORDS:
            if (response := await async_ask_fallback_agent(self.hass, user_input, error)) is not None:
                return self._results.hand_over(response, chat_log, self.entity_id)
            notes = ("handed_over_in_vain",)
        refusal = Refusal(key=key, placeholders=placeholders, notes=notes)
        return await self._results.refuse(refusal, user_input, chat_log, record)

    def _is_own_voice(self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog) -> bool:
        """Whether what was heard is our own answer; a typed sentence never is."""
        is_spoken = user_input.device_id is not None or user_input.satellite_id is not None
        if not is_spoken or async_was_called(self.hass):
            return False
        now = self.hass.loop.time()
        return self._follow_ups.is_own_voice(chat_log.conversation_id, user_input.text, now)

    async def _carry_out(self, chat_log: conversation.ChatLog, record: TurnRecord) -> str:
        """Do what the user has just agreed to, once; return what is to be said of it, if anything."""
        consent = record.consent
        if consent is None or not consent.is_granted:
            return "" if consent is None else consent.said
        tools = self._runtime.toolbox.offer(chat_log.llm_api)
        results = []
        async for content in consent.carry_out(chat_log, self.entity_id):
            record.note_result(content, tools)
            results.append(content)
        consent.said = await consent.outcome(results)
        return consent.said

    async def _run(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        record: TurnRecord,
        options: TurnOptions | None = None,
    ) -> None:
        """Run the turn within its whole deadline, the preparation of prompt and tools included.

        Raises:
            PromptError: prompt or tools cannot be had.
            GrokError: there is no answer.
        """
        usual = self._runtime.deadlines.for_effort(self.settings.effort)
        limit_s = usual.turn_s if options is None else options.limit_s
        queue_s = 0.0 if options is None else options.client.patience.queue_s
        is_confirmed = options is not None and options.is_confirmed
        rules = ConsentRules(
            book=self._runtime.consents,
            agent=self.subentry.subentry_id,
            ask_before=AskBefore.NEVER if is_confirmed else self.settings.ask_before,
            # Whoever is not signed in may have the text of a service from anywhere: it is no person's yes.
            may_ask=options is None or user_input.context.user_id is not None,
            answer_s=self._consent_s(),
        )
        record.consent = async_begin(self.hass, rules, user_input, chat_log)
        token = HOLDER.set(record.consent)
        try:
            async with asyncio.timeout(queue_s + limit_s) as deadline:
                if options is not None:
                    patience = options.client.patience.within(deadline, limit_s)
                    options = replace(options, client=options.client.with_options(patience=patience))
                with self._running.keep(deadline):
                    await self._converse(user_input, chat_log, record, options)
        except TimeoutError:
            if not deadline.expired():
                raise  # a tool's own
            raise GrokTimeoutError(limit_s) from None
        finally:
            HOLDER.reset(token)
            chat_log.async_trace({"stats": stats(record)})

    def _consent_s(self) -> float | None:
        """How long a question waits for its yes, where that is not the usual time."""
        return None

    async def _converse(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        record: TurnRecord,
        options: TurnOptions | None = None,
    ) -> None:
        """Ask with prompt, tools and history until there is an answer."""
        prompt = await self._write_prompt(user_input, chat_log)
        remembered = self._recall.begin(user_input, chat_log)
        if said := await self._carry_out(chat_log, record):
            await utter(chat_log, self.entity_id, said)
            record.say(said, said)
            self._keep(remembered, chat_log)
            return
        turn = TextTurn(
            agent_id=self.entity_id,
            chat_log=chat_log,
            client=self.agent_client if options is None else options.client,
            toolbox=self._runtime.toolbox,
            record=record,
            prompt=prompt,
            remembered=remembered,
            language=user_input.language,
            shown=None if options is None else options.shown,
        )
        await turn.run()
        if record.first_delta_ms is not None:
            self._runtime.meter.note_response(record.first_delta_ms)
        self._keep(remembered, chat_log)

    @property
    def _recall(self) -> Recall:
        """What was said before in this agent's conversations."""
        return Recall(
            memory=self._runtime.memory,
            agent=self.subentry.subentry_id,
            agent_id=self.entity_id,
            limits=self.settings.history,
        )

    def _keep(self, remembered: Remembered, chat_log: conversation.ChatLog) -> None:
        """Note the turn for later, and have what has become too long summarised meanwhile."""
        self._recall.keep(remembered, chat_log)
        summariser = Summariser(client=self.agent_client, memory=self._runtime.memory)
        if summariser.is_due(remembered):
            self.entry.async_create_background_task(
                self.hass, summariser.run(remembered), f"{DOMAIN} summarises a conversation"
            )

    async def _write_prompt(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> TurnPrompt:
        """Have the prompt written and the tools offered.

        Raises:
            PromptError: one of them cannot be had.
        """
        prompt = await self._prompts.async_write(
            chat_log,
            user_input.as_llm_context(DOMAIN),
            extra=user_input.extra_system_prompt,
            sentences=last_sentences(chat_log),
        )
        async_check_apis(self.hass, self.entry, self.subentry, self._prompts.missing_apis)
        return prompt


def _owner(user_input: conversation.ConversationInput) -> dict[str, Context]:
    """Say whose conversation it is, where Home Assistant asks (2026.11 and newer)."""
    return {"context": user_input.context} if KNOWS_OWNERS else {}
