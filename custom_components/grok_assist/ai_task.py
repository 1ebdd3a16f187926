"""AI tasks: data in a wanted form, pictures, and judgements."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
import logging
from typing import Any, Final, override

from homeassistant.components import ai_task, conversation
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import slugify

from .account.agent_client import AgentClient
from .account.billing import Billing
from .chat.guarded_tools import guarded
from .chat.prompt import TurnPrompt, system_text
from .chat.record import TurnRecord
from .chat.tools import json_text
from .chat.turn import TextTurn
from .const import DOMAIN, SUBENTRY_AI_TASK
from .core.errors import GrokAnswerError, GrokCutError, GrokError, GrokTimeoutError
from .core.history import Remembered
from .core.media.pictures import PictureError, size_of
from .core.schema.answers import StructureError
from .core.schema.judgements import NOTHING_SAID, EvaluationError, Judgement, answer_schema, instructions, parse_answers
from .core.usage.ledger import Kind
from .entity import GrokEntity, Running
from .faults import input_error
from .grok.client import GrokClient
from .grok.images import MAX_SOURCES, ImageOrder
from .grok.messages import AnswerForm, AssistantMessage, ContextMessage, Request, UserMessage
from .grok.patience import Patience
from .runtime import GrokConfigEntry, async_client_for
from .tasks.attachments import Listed, async_list, async_read, uploaded
from .tasks.structures import async_prepare, json_schema_of, read_data

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0  # nothing is polled; the account's limits bound what runs at once

PATIENCE: Final = Patience(queue_s=60.0)
NAME_LIMIT: Final = 64
EVALUATE_FEATURE: Final = getattr(ai_task.AITaskEntityFeature, "EVALUATE", 0)  # Home Assistant 2026.11
CORRECTION: Final = (
    "Your answer does not have the wanted form: {field}: {problem}. Answer again with the whole data, corrected."
)


async def async_setup_entry(
    hass: HomeAssistant, entry: GrokConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add an entity for each subentry of its type."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_AI_TASK):
        client = await async_client_for(hass, entry, subentry)
        async_add_entities([GrokTaskEntity(entry, subentry, client)], config_subentry_id=subentry.subentry_id)


class GrokTaskEntity(GrokEntity, ai_task.AITaskEntity):
    """Does the tasks of automations and of other integrations."""

    _attr_translation_key = "ai_task"
    _attr_supported_features = (
        ai_task.AITaskEntityFeature.GENERATE_DATA
        | ai_task.AITaskEntityFeature.GENERATE_IMAGE
        | ai_task.AITaskEntityFeature.SUPPORT_ATTACHMENTS
        | EVALUATE_FEATURE
    )

    def __init__(self, entry: GrokConfigEntry, subentry: ConfigSubentry, client: GrokClient) -> None:
        """Work with the account's client, or with one of its own key."""
        super().__init__(entry, subentry)
        # Kept here: Home Assistant takes it from the entry at unload, while a task may still run.
        self._client = client
        self._billing = Billing(meter=self._runtime.meter, agent=subentry.subentry_id)
        self.patience = PATIENCE
        self.limit_s = self._runtime.deadlines.for_effort(self.settings.effort).turn_s
        """From the moment in which the limits let a task go."""
        self._running = Running()

    @property
    def agent_client(self) -> AgentClient:
        """Who asks, as of now."""
        return AgentClient(
            client=self._client,
            billing=self._billing,
            catalogue=self._runtime.coordinator.data,
            settings=self.settings,
            patience=self.patience,
            kind=Kind.TASK,
        )

    @override
    async def async_added_to_hass(self) -> None:
        """End with Home Assistant."""
        await super().async_added_to_hass()
        self.async_on_remove(self._running.end_at_stop(self.hass))

    @override
    async def async_will_remove_from_hass(self) -> None:
        """End the tasks that still run."""
        self._running.end()
        await super().async_will_remove_from_hass()

    @override
    async def _async_generate_data(
        self, task: ai_task.GenDataTask, chat_log: conversation.ChatLog
    ) -> ai_task.GenDataTaskResult:
        """Generate data of a structure, or a text where there is none."""
        if (api := chat_log.llm_api) is not None:
            # Lent by whoever gave the task; what needs a person's yes is refused: nobody is there to be asked.
            chat_log.llm_api = replace(api, tools=[guarded(tool) for tool in api.tools])
        async with self._showing(task.instructions, task.attachments) as (shown, client):
            data = await self._generate(task, self._asking(chat_log, shown, client))
        return ai_task.GenDataTaskResult(conversation_id=chat_log.conversation_id, data=data)

    async def _generate(self, task: ai_task.GenDataTask, ask: Callable[[AnswerForm | None], TextTurn]) -> Any:
        """Ask, and once more where the answer has not the wanted form.

        Raises:
            GrokError: there is no answer.
            StructureError: it still has not the wanted form.
        """
        structure = task.structure
        if structure is not None:
            await async_prepare(self.hass, structure)
        turn = ask(None if structure is None else self._form(task.name, structure))
        await self._run(turn)
        if structure is None:
            return turn.record.written
        try:
            return read_data(structure, turn.record.written)
        except StructureError as error:
            problem = CORRECTION.format(field=error.field or "the answer", problem=error.problem)
        turn = ask(turn.form)
        turn.inject([ContextMessage(text=problem)])
        await self._run(turn)
        return read_data(structure, turn.record.written)

    async def _run(self, turn: TextTurn) -> None:
        """Have an answer that is whole.

        Raises:
            GrokError: there is none.
        """
        await turn.run()
        if turn.record.is_cut:
            raise GrokCutError

    def _form(self, name: str, structure: Any) -> AnswerForm:
        """Write the form of an answer."""
        return AnswerForm(name=slugify(name)[:NAME_LIMIT] or "data", schema=json_schema_of(structure))

    def _asking(
        self, chat_log: conversation.ChatLog, shown: UserMessage, client: AgentClient
    ) -> Callable[[AnswerForm | None], TextTurn]:
        """Return what prepares an answer of a form."""
        return lambda form: TextTurn(
            agent_id=self.entity_id,
            chat_log=chat_log,
            client=client,
            toolbox=self._runtime.toolbox,
            record=TurnRecord(),
            prompt=TurnPrompt(instructions=system_text(chat_log)),
            remembered=Remembered(agent=self.subentry.subentry_id, conversation_id=chat_log.conversation_id),
            language=self.hass.config.language,
            shown=shown,
            form=form,
            is_verbatim=True,
        )

    @override
    async def _async_generate_image(
        self, task: ai_task.GenImageTask, chat_log: conversation.ChatLog
    ) -> ai_task.GenImageTaskResult:
        """Have a picture made, from others where they are attached."""
        async with self._working(Kind.IMAGE) as deadline:
            listed = await async_list(self.hass, task.attachments, self._context)
            _check_sources(listed)
            sources = (await async_read(self.hass, listed)).pictures
            order = ImageOrder(model=self.settings.image_model, prompt=task.instructions, sources=sources)
            image = await self._within(deadline, Kind.IMAGE).draw(order)
            try:
                width, height = await self.hass.async_add_executor_job(size_of, image.data)
            except PictureError:
                raise GrokAnswerError("the picture cannot be read") from None
        return ai_task.GenImageTaskResult(
            image_data=image.data,
            conversation_id=chat_log.conversation_id,
            mime_type=image.mime,
            width=width,
            height=height,
            model=order.model,
            revised_prompt=image.revised_prompt,
        )

    async def _async_evaluate(self, task: Any) -> Any:
        """Judge a situation (Home Assistant 2026.11 and newer)."""
        situation = NOTHING_SAID if task.state is None else json_text(task.state)
        async with self._showing(situation, task.attachments) as (shown, client):
            answers = await self._judge(task.questions, shown, client)
        return ai_task.EvaluationTaskResult(  # type: ignore[attr-defined]  # 2026.11
            answers={name: _answer(judgement) for name, judgement in answers.items()}
        )

    async def _judge(
        self, questions: Mapping[str, Any], shown: UserMessage, client: AgentClient
    ) -> dict[str, Judgement]:
        """Ask for the probabilities of the answers, and once more where they make no sense.

        Raises:
            GrokError: there is no answer.
            EvaluationError: one of them still makes no sense.
        """
        request = self._question(questions, shown, client)
        written = await client.complete(request)
        try:
            return parse_answers(questions, written)
        except EvaluationError as error:
            problem = CORRECTION.format(field=error.question, problem=error.problem)
        told = (AssistantMessage(text=written), ContextMessage(text=problem))
        request = replace(request, messages=(*request.messages, *told))
        return parse_answers(questions, await client.complete(request))

    def _question(self, questions: Mapping[str, Any], shown: UserMessage, client: AgentClient) -> Request:
        """Write the request for a judgement."""
        return Request(
            model=client.model,
            instructions=instructions(questions),
            messages=(shown,),
            effort=client.effort_for(self.settings.effort),
            max_tokens=self.settings.max_tokens,
            temperature=self.settings.temperature,
            cache_key=client.cache_key,
            form=AnswerForm(name="evaluation", schema=answer_schema(questions)),
        )

    @asynccontextmanager
    async def _showing(
        self, text: str, attachments: Sequence[conversation.Attachment] | None
    ) -> AsyncGenerator[tuple[UserMessage, AgentClient]]:
        """Work on a task with what is attached to it, which is shown to the model for that long.

        Gives what the user says and shows, and who asks, within the deadline.

        Raises:
            HomeAssistantError: it failed; the text says why.
        """
        async with self._working(Kind.TASK) as deadline:
            listed = await async_list(self.hass, attachments, self._context)
            self._check_sight(listed)
            # What may not be asked about is not sent away, either.
            if listed.documents and (spent := self._runtime.meter.budget_error()) is not None:
                raise spent
            attached = await async_read(self.hass, listed)
            deadline.reschedule(None)  # each upload has a limit of its own
            async with uploaded(self.hass, self._client.documents, attached.documents) as file_ids:
                deadline.reschedule(asyncio.get_running_loop().time() + self.patience.queue_s + self.limit_s)
                shown = UserMessage(text=text, pictures=attached.pictures, file_ids=file_ids)
                yield shown, self._within(deadline, Kind.TASK)

    def _within(self, deadline: asyncio.Timeout, kind: Kind) -> AgentClient:
        """Return who asks, within the whole deadline of a task."""
        return self.agent_client.with_options(patience=self.patience.within(deadline, self.limit_s), kind=kind)

    def _check_sight(self, listed: Listed) -> None:
        """Make sure that the model takes the pictures.

        Raises:
            ServiceValidationError: it does not.
        """
        if listed.pictures and not self._runtime.coordinator.data.has_sight(self.settings.model):
            raise input_error("model_blind", model=self.settings.model)

    @asynccontextmanager
    async def _working(self, kind: Kind) -> AsyncGenerator[asyncio.Timeout]:
        """Work within the whole deadline of a task, and end with a sentence whatever happens.

        Raises:
            HomeAssistantError: it failed; the text says why.
        """
        try:
            async with asyncio.timeout(self.patience.queue_s + self.limit_s) as deadline:
                with self._running.keep(deadline):
                    yield deadline
        except HomeAssistantError:
            raise
        except Exception as error:  # a tool that is lent to a task may raise anything
            raise self._told(error, kind, is_late=deadline.expired()) from error
        self.clear_fault()

    def _told(self, error: Exception, kind: Kind, *, is_late: bool) -> HomeAssistantError:
        """Count a failure, and give what is told."""
        match error:
            case TimeoutError() if is_late and self._running.is_leaving:
                return HomeAssistantError(translation_domain=DOMAIN, translation_key="unloaded")
            case TimeoutError() if is_late:
                return self._failed(GrokTimeoutError(self.limit_s), kind)
            case GrokError():
                return self._failed(error, kind)
        self._billing.book_error(kind)
        if isinstance(error, (StructureError, EvaluationError)):
            return _unfit(error)
        _LOGGER.error("Unexpected failure of a task of %s", self.entity_id, exc_info=error)
        return HomeAssistantError(translation_domain=DOMAIN, translation_key="unexpected")

    def _failed(self, error: GrokError, kind: Kind) -> HomeAssistantError:
        """Count a failure of Grok, ask the user for what helps, and give what is told."""
        self.report_fault(error)
        self._billing.book_error(kind)
        return self.service_error(error)


def _check_sources(listed: Listed) -> None:
    """Make sure that a picture can be made from what is attached.

    Raises:
        ServiceValidationError: there are too many pictures, or a document is among them.
    """
    for document in listed.documents:
        raise input_error("attachment_unsupported", source=document.name, kind=document.mime)
    if len(listed.pictures) > MAX_SOURCES:
        raise input_error("too_many_pictures", limit=str(MAX_SOURCES))


def _answer(judgement: Judgement) -> Any:
    """Write a judgement as Home Assistant has it."""
    probabilities = dict(judgement.probabilities)
    match judgement.kind:
        case "choice":
            return ai_task.ChoiceAnswer(  # type: ignore[attr-defined]  # 2026.11
                choice=judgement.choice, probabilities=probabilities
            )
        case "score":
            return ai_task.ScoreAnswer(  # type: ignore[attr-defined]  # 2026.11
                score=judgement.value, probabilities=list(probabilities.values())
            )
    return ai_task.NoulAnswer(noul=judgement.value)  # type: ignore[attr-defined]  # 2026.11


def _unfit(error: StructureError | EvaluationError) -> HomeAssistantError:
    """Write the error of an answer that does not have the wanted form."""
    is_structure = isinstance(error, StructureError)
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="structure_mismatch" if is_structure else "evaluation_mismatch",
        translation_placeholders={"problem": str(error)},
    )
