"""What a turn tells the model beside the words: Home Assistant's prompt and tools, the home, and who speaks."""

from dataclasses import dataclass, field
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, TemplateError
from homeassistant.helpers import llm

from ..core.claims.aims import Aim
from ..core.claims.orders import Said
from ..core.consent.book import AskBefore
from ..core.fence import DATA_RULE
from ..core.home.assist_prompt import CONSENT_RULE, DEGREES_RULE, PICTURE_RULE, RULES, StateContext, has_overview
from ..core.home.live_block import Situation
from ..core.settings import AgentSettings
from ..home.exposed import async_get_home
from ..vision.camera_tool import CameraTool
from .llm_api import HomeApi


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPrompt:
    """The two ends of a prompt: what stays the same, and what is true of this turn."""

    instructions: str = ""
    block: str = ""
    """States, room, user and time; empty where Home Assistant's own prompt tells them."""
    situation: Situation = field(default_factory=Situation)
    aim: Aim | None = None
    """What the user orders of the home; without an order no answer has to be checked for having carried it out."""


NO_PROMPT: Final = TurnPrompt()


class PromptError(Exception):
    """There is no prompt: `key` names the sentence that says why, `detail` is Home Assistant's own text."""

    def __init__(self, detail: str, *, is_template: bool) -> None:
        """Keep what was wrong."""
        super().__init__(detail)
        self.key = "prompt_template" if is_template else "llm_api_missing"
        self.detail = detail


class PromptWriter:
    """Writes the prompts of one agent."""

    def __init__(self, hass: HomeAssistant, settings: AgentSettings) -> None:
        """Serve an agent with these settings."""
        self._hass = hass
        self._settings = settings
        self._home = async_get_home(hass)
        self._api = (
            HomeApi(hass, settings.llm_apis, settings.state_context, may_look=settings.look_at_cameras)
            if settings.llm_apis
            else None
        )
        self._manner = settings.personality.text()
        self._is_live = settings.state_context is StateContext.LIVE and llm.LLM_API_ASSIST in settings.llm_apis

    @property
    def missing_apis(self) -> tuple[str, ...]:
        """The chosen LLM APIs that could not be had the last time."""
        return self._api.missing if self._api is not None else ()

    async def async_write(
        self,
        chat_log: conversation.ChatLog,
        llm_context: llm.LLMContext,
        *,
        extra: str | None = None,
        sentences: tuple[str, str] = ("", ""),
        background: int | None = None,
    ) -> TurnPrompt:
        """Have Home Assistant write its prompt and offer the tools, and write what we tell of the home.

        Args:
            chat_log: gets prompt and tools.
            llm_context: who asks, where, in which language.
            extra: a system prompt for this conversation.
            sentences: what the user says now, and what they said before.
            background: tokens of the home for what the sentences are not about; None: the usual few.

        Raises:
            PromptError: the template is wrong, or the tools cannot be had.
        """
        # Newer releases keep prompt and tools for a whole conversation; what is no longer exposed must go at once.
        chat_log.llm_api = None
        try:
            await chat_log.async_provide_llm_data(llm_context, self._api, self._settings.prompt, extra)
        except HomeAssistantError as error:
            cause = error.__cause__ if isinstance(error, conversation.ConverseError) else error
            raise PromptError(str(cause), is_template=isinstance(cause, TemplateError)) from error
        system = "\n".join(part for part in (system_text(chat_log), *self._rules(chat_log), self._manner) if part)
        language = llm_context.language or self._hass.config.language
        situation = await self._home.async_situation(llm_context)
        aim = await self._aim(chat_log, situation, language)
        if not self._is_live or has_overview(system):
            return TurnPrompt(instructions=system, aim=aim)
        inventory = self._home.inventory
        block = await self._home.async_block(
            sentences,
            situation,
            language=language,
            budget=self._settings.context_tokens,
            background=background,
        )
        instructions = "\n".join(part for part in (system, RULES if inventory else "", inventory) if part)
        return TurnPrompt(instructions=instructions, block=block, situation=situation, aim=aim)

    async def _aim(self, chat_log: conversation.ChatLog, situation: Situation, language: str) -> Aim | None:
        """Tell what the user orders of the home, where answers are checked and something can be done."""
        if not self._settings.check_claims or chat_log.llm_api is None:
            return None
        return await self._home.async_aim(last_said(chat_log), room=situation.room, language=language)

    def _rules(self, chat_log: conversation.ChatLog) -> list[str]:
        """Return what holds in every mode: what is data, who asks for a yes, and in which unit it is warm."""
        rules = [DATA_RULE]
        if chat_log.llm_api is not None:
            if self._settings.ask_before is not AskBefore.NEVER:
                rules.append(CONSENT_RULE)
            rules.append(DEGREES_RULE.format(unit=self._hass.config.units.temperature_unit))
        return [*rules, PICTURE_RULE] if _may_look(chat_log) else rules


def _may_look(log: conversation.ChatLog) -> bool:
    """Whether the model is offered to look at cameras."""
    return log.llm_api is not None and any(isinstance(tool, CameraTool) for tool in log.llm_api.tools)


def system_text(log: conversation.ChatLog) -> str:
    """Return the prompt of a chat log."""
    first = log.content[0]
    return first.content if isinstance(first, conversation.SystemContent) else ""


def last_sentences(log: conversation.ChatLog) -> tuple[str, str]:
    """Return what the user says now, and what they said before."""
    said = [content.content for content in log.content if isinstance(content, conversation.UserContent)]
    return (said[-1] if said else "", said[-2] if len(said) > 1 else "")


def last_said(log: conversation.ChatLog) -> Said:
    """Return what the user says now, and the turn before."""
    now, before = last_sentences(log)
    answers = [
        content.content
        for content in log.content
        if isinstance(content, conversation.AssistantContent) and content.content
    ]
    return Said(now=now, before=before, answer=answers[-1] if answers and before else "")
