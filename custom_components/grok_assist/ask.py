"""The service `ask`: a question of an automation to an agent, and its answer as data."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
import logging
import re
from typing import Any, Final

from homeassistant.components import conversation
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .agent import GrokConversationEntity
from .chat.prompt import PromptError
from .chat.record import TurnOptions, TurnRecord
from .const import DOMAIN
from .core.errors import GrokError, GrokModelError
from .core.json_types import JsonObject, plain
from .core.settings import AgentSettings
from .faults import async_sentence, input_error
from .grok.messages import UserMessage
from .grok.patience import Patience
from .vision.snapshots import async_view

_LOGGER = logging.getLogger(__name__)

SERVICE_ASK: Final = "ask"
ATTR_TEXT: Final = "text"
ATTR_CONFIRMED: Final = "confirmed"
ATTR_AGENT: Final = "agent"
ATTR_IMAGES: Final = "images"
ATTR_CONVERSATION_ID: Final = "conversation_id"
ATTR_INSTRUCTIONS: Final = "instructions"
ATTR_MODEL: Final = "model"
ATTR_WEB_SEARCH: Final = "web_search"
ATTR_X_SEARCH: Final = "x_search"

PATIENCE: Final = Patience(queue_s=60.0, retry_delays_s=(0.5, 0.5))
ANSWER_S: Final = 30.0
TEXT_LIMIT: Final = 400_000
"""Characters of a question: a novel, or a hundred thousand tokens."""
BUSY_POLL_S: Final = 0.1
ENTITIES: Final = re.compile(r"\s*(?:camera|image)\.\w+\s*(?:,\s*(?:camera|image)\.\w+\s*)*")
BUSY: Final[tuple[type[Exception], ...]] = tuple(
    kind for kind in (getattr(conversation, "ConversationBusyError", None),) if kind is not None
)
"""What Home Assistant 2026.11 raises where a conversation has a turn already."""


def _split(sources: list[str]) -> list[str]:
    """Take entity ids with commas between them apart, as Home Assistant's own services do; leave out what is empty."""
    parts = [part for source in sources for part in (source.split(",") if ENTITIES.fullmatch(source) else (source,))]
    return [part.strip() for part in parts if part.strip()]


_TEXT: Final = vol.All(cv.string, plain, str.strip)
WORDS: Final = vol.All(_TEXT, vol.Length(min=1))
ASK_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_TEXT): WORDS,
        vol.Optional(ATTR_CONFIRMED, default=False): cv.boolean,
        vol.Optional(ATTR_AGENT): vol.Any("", cv.entity_id),
        vol.Optional(ATTR_IMAGES, default=list): vol.All(cv.ensure_list, [cv.string], _split),
        # Empty is what a template gives where there is nothing: the same as if the field were not there.
        vol.Optional(ATTR_CONVERSATION_ID): _TEXT,
        vol.Optional(ATTR_INSTRUCTIONS): _TEXT,
        vol.Optional(ATTR_MODEL): _TEXT,
        vol.Optional(ATTR_WEB_SEARCH): cv.boolean,
        vol.Optional(ATTR_X_SEARCH): cv.boolean,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRequest:
    """What a call of the service asks."""

    text: str
    agent: str | None = None
    """The entity that is to answer; None: the first."""
    images: Sequence[str] = ()
    conversation_id: str | None = None
    instructions: str | None = None
    is_confirmed: bool = False
    """What the agent would ask a person about may be done."""
    model: str | None = None
    web_search: bool | None = None
    x_search: bool | None = None
    """What is to be other than the agent is set; None: as it is."""

    @classmethod
    def from_call(cls, data: Mapping[str, Any]) -> AskRequest:
        """Read the data of a call, as `ASK_SCHEMA` has it; what is empty is not there."""
        return cls(
            text=data[ATTR_TEXT],
            agent=data.get(ATTR_AGENT) or None,
            images=tuple(data[ATTR_IMAGES]),
            conversation_id=data.get(ATTR_CONVERSATION_ID) or None,
            instructions=data.get(ATTR_INSTRUCTIONS) or None,
            is_confirmed=data[ATTR_CONFIRMED],
            model=data.get(ATTR_MODEL) or None,
            web_search=data.get(ATTR_WEB_SEARCH),
            x_search=data.get(ATTR_X_SEARCH),
        )

    def applied_to(self, settings: AgentSettings) -> AgentSettings:
        """Return an agent's settings as they are to be for this."""
        return replace(
            settings,
            model=self.model or settings.model,
            web_search=settings.web_search if self.web_search is None else self.web_search,
            x_search=settings.x_search if self.x_search is None else self.x_search,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDeadlines:
    """How long an automation waits."""

    patience: Patience = PATIENCE
    answer_s: float = ANSWER_S
    """From the moment in which the limits let the question go."""


USUAL_DEADLINES: Final = AskDeadlines()


async def async_ask(
    agent: GrokConversationEntity, request: AskRequest, context: Context, deadlines: AskDeadlines = USUAL_DEADLINES
) -> JsonObject:
    """Ask an agent, with its tools; return what it answered and what that cost.

    Args:
        agent: the one that answers.
        request: what is asked.
        context: of the call: what the agent does, it does in its name.
        deadlines: how long is waited.

    Raises:
        HomeAssistantError: there is no answer; the text says why.
    """
    _check_length(request)
    settings = request.applied_to(agent.settings)
    await _check_search(agent, settings, context)
    if request.images and not agent.catalogue.has_sight(settings.model):
        raise input_error("model_blind", model=settings.model)
    started = asyncio.get_running_loop().time()
    pictures = await async_view(agent.hass, request.images, context)
    record = TurnRecord()
    options = TurnOptions(
        client=agent.agent_client.with_options(settings=settings, patience=deadlines.patience),
        limit_s=deadlines.answer_s,
        shown=UserMessage(text=request.text, pictures=pictures) if pictures else None,
        is_confirmed=request.is_confirmed,
    )
    conversation_id = await _asked(agent, _input(agent, request, context), options, record)
    duration_s = asyncio.get_running_loop().time() - started
    return {**_answer(record, conversation_id), "duration_ms": round(duration_s * 1000)}


def _answer(record: TurnRecord, conversation_id: str) -> JsonObject:
    """Write what a turn answered, and what that cost."""
    usage = record.usage
    return {
        "text": record.spoken.strip(),
        "markdown": record.written.strip(),
        "is_complete": not record.is_cut,
        "conversation_id": conversation_id,
        "model": record.model,
        "citations": [{"title": cited.title, "url": cited.url} for cited in record.citations.values()],
        "usage": {
            "input_tokens": usage.input_tokens,
            "cached_tokens": usage.cached_tokens,
            "output_tokens": usage.output_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
        },
        "cost_usd": usage.cost_usd,
    }


def _check_length(request: AskRequest) -> None:
    """Make sure that nobody puts a library into a question.

    Raises:
        ServiceValidationError: the text, or what it instructs, is too long.
    """
    if len(request.text) + len(request.instructions or "") > TEXT_LIMIT:
        raise input_error("text_too_long", limit=str(TEXT_LIMIT))


async def _asked(
    agent: GrokConversationEntity, user_input: conversation.ConversationInput, options: TurnOptions, record: TurnRecord
) -> str:
    """Have the agent answer, and turn every failure into a sentence."""
    try:
        return await _when_free(agent, user_input, options, record)
    except (PromptError, GrokError) as error:
        raise await _explained(error, agent, options, record) from error
    except HomeAssistantError as error:
        if isinstance(error, Unauthorized):
            raise input_error("conversation_foreign") from error
        raise
    except Exception as error:  # a tool of any integration may raise anything
        _LOGGER.exception("Unexpected failure of a question to %s", agent.entity_id)
        raise await _explained(error, agent, options, record) from error


async def _when_free(
    agent: GrokConversationEntity, user_input: conversation.ConversationInput, options: TurnOptions, record: TurnRecord
) -> str:
    """Ask as soon as nobody else has a turn in the same conversation (Home Assistant 2026.11 allows one)."""
    loop = asyncio.get_running_loop()
    until = loop.time() + options.client.patience.queue_s
    while True:
        try:
            return await agent.async_ask(user_input, options, record)
        except BUSY as error:
            if loop.time() + BUSY_POLL_S > until:
                raise HomeAssistantError(translation_domain=DOMAIN, translation_key="conversation_busy") from error
        await asyncio.sleep(BUSY_POLL_S)


async def _explained(
    error: Exception, agent: GrokConversationEntity, options: TurnOptions, record: TurnRecord
) -> HomeAssistantError:
    """Write what went wrong for the one who called the service, and that something was done all the same."""
    told = _told(error, agent, options)
    if not record.has_acted:
        return told
    problem = await async_sentence(
        agent.hass, agent.hass.config.language, str(told.translation_key), told.translation_placeholders
    )
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key="failed_after_acting", translation_placeholders={"problem": problem}
    )


def _told(error: Exception, agent: GrokConversationEntity, options: TurnOptions) -> HomeAssistantError:
    """Write what went wrong."""
    match error:
        case PromptError():
            return HomeAssistantError(
                translation_domain=DOMAIN, translation_key=error.key, translation_placeholders={"detail": error.detail}
            )
        case GrokModelError():
            return input_error("model_unknown", model=options.client.settings.model)
        case GrokError():
            return agent.service_error(error)
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="unexpected")


async def _check_search(agent: GrokConversationEntity, settings: AgentSettings, context: Context) -> None:
    """Make sure that who is no administrator does not let an agent search where its settings do not.

    Raises:
        ServiceValidationError: so it is.
    """
    own = agent.settings
    widens = (settings.web_search and not own.web_search) or (settings.x_search and not own.x_search)
    user = await agent.hass.auth.async_get_user(context.user_id) if widens and context.user_id else None
    if widens and context.user_id and (user is None or not user.is_admin):
        raise input_error("search_not_allowed", agent=agent.entity_id)


def _input(agent: GrokConversationEntity, request: AskRequest, context: Context) -> conversation.ConversationInput:
    """Write the question as Home Assistant writes a sentence."""
    return conversation.ConversationInput(
        text=request.text,
        context=context,
        conversation_id=request.conversation_id,
        device_id=None,
        satellite_id=None,
        language=agent.hass.config.language,
        agent_id=agent.entity_id,
        extra_system_prompt=request.instructions,
    )
