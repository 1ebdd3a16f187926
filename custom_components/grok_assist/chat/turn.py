"""One written turn of a conversation: the chat log as a request, and the rounds of request, reply and tools."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final

from homeassistant.components import conversation

from ..account.agent_client import AgentClient
from ..core.claims.aims import Aim
from ..core.errors import GrokAnswerError, GrokCutError, GrokError
from ..core.history import Remembered
from ..core.home.assist_prompt import PICTURE_RULE
from ..core.settings import FollowUp
from ..faults import async_sentence
from ..grok.messages import AnswerForm, Message, Request, UserMessage, paired
from ..vision.camera_tool import PICTURE_SINK
from ..vision.picture_sinks import PictureStore
from .chat_log import MessageWriter, turns_of
from .prompt import TurnPrompt
from .record import TurnRecord
from .reply import TextReply
from .tool_calls import ChatDelta, utter
from .tools import OfferedTools, Toolbox

MAX_ROUNDS: Final = 10  # requests of one turn; a model that calls tools for ever is stopped


@dataclass(slots=True, kw_only=True)
class TextTurn:
    """One turn of one agent."""

    agent_id: str
    """The entity, whose answers the chat log has."""
    chat_log: conversation.ChatLog
    client: AgentClient
    toolbox: Toolbox
    record: TurnRecord
    prompt: TurnPrompt
    remembered: Remembered
    language: str
    shown: UserMessage | None = None
    """What the user says with what they show along with it; None: only the words that the chat log has."""
    form: AnswerForm | None = None
    """The form that the answer must have."""
    is_verbatim: bool = False
    """Nobody hears the answer: it is given as it was written."""
    _store: PictureStore = field(default_factory=PictureStore, init=False)
    _injected: list[tuple[int, Sequence[Message]]] = field(default_factory=list, init=False)
    """Messages of this turn that are not in the chat log, each after so many entries of it."""
    _to_inject: Sequence[Message] = field(default=(), init=False)
    """What the model is told after the present round, to be asked again."""

    async def run(self) -> None:
        """Ask, run the tools the model calls, and ask again until it answers.

        Raises:
            GrokError: there is no answer; what tools did until then stays done and stays in the chat log.
        """
        token = PICTURE_SINK.set(self._store if self.client.has_sight else None)
        try:
            await self._answer()
        finally:
            PICTURE_SINK.reset(token)
            self._store.pictures.clear()

    async def _answer(self) -> None:
        """Have rounds until there is an answer.

        Raises:
            GrokError: there is none.
        """
        wants_microphone = self.client.settings.follow_up is FollowUp.MODEL
        tools = self.toolbox.offer(self.chat_log.llm_api, has_microphone=wants_microphone)
        writer = MessageWriter(
            agent_id=self.agent_id,
            tools=tools,
            limits=self.client.settings.history,
            source=self.client.source,
            pictures=self._store.pictures,
        )
        for _ in range(MAX_ROUNDS):
            deltas = self._deltas(self._request(writer), tools)
            async with aclosing(deltas):
                async for content in self.chat_log.async_add_delta_content_stream(self.agent_id, deltas):
                    self.record.note_result(content, tools)
            if await self._asks_first():
                return
            if not self._injects() and not self.chat_log.unresponded_tool_results:
                if not self.record.has_spoken:
                    await self._confirm()
                return
        raise GrokAnswerError(f"no answer after {MAX_ROUNDS} rounds of tools")

    async def _asks_first(self) -> bool:
        """Put the question of what the round's calls have to wait for; tell whether there is one."""
        consent = self.record.consent
        if consent is None or not consent.held:
            return False
        question = await consent.ask(self.chat_log)
        self.record.asks_first = consent.may_ask
        await self.utter(f"\n{question}" if self.record.has_spoken else question)
        return True

    async def _confirm(self) -> None:
        """Say that what a tool did is done, where the model has no words for it.

        Raises:
            GrokAnswerError: nothing was done.
        """
        if self.is_verbatim or not self.record.has_acted:
            raise GrokCutError if self.record.is_cut else GrokAnswerError("the reply has no text")
        await self.utter(await async_sentence(self.chat_log.hass, self.language, "done"))

    async def utter(self, text: str) -> None:
        """Say a sentence of ours."""
        await utter(self.chat_log, self.agent_id, text)
        self.record.say(text, text)

    def _request(self, writer: MessageWriter) -> Request:
        """Write the chat log as a request."""
        settings = self.client.settings
        contents = self.chat_log.content[1:]
        present = turns_of(contents)[-1]
        start = len(contents) - len(present)
        messages = writer.history(contents[:start], self.remembered)
        for position, content in enumerate(present, start):
            if not isinstance(content, conversation.UserContent):
                messages += writer.messages([content])
            else:
                said = [self.shown] if self.shown is not None else writer.messages([content])
                messages += self._with_block(said)
            for after, aside in self._injected:
                messages += aside if after == position + 1 else ()
        return Request(
            model=self.client.model,
            instructions=self._instructions(),
            messages=paired(messages),
            tools=writer.tools.specs,
            effort=self.client.effort_for(settings.effort),
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            has_web_search=settings.web_search,
            has_x_search=settings.x_search,
            cache_key=self.client.cache_key,
            form=self.form,
        )

    def _with_block(self, said: Sequence[Message]) -> Sequence[Message]:
        """Tell the home along with what the user says."""
        if not self.prompt.block:
            return said
        message = next((message for message in said if isinstance(message, UserMessage)), UserMessage(text=""))
        return [replace(message, context=self.prompt.block)]

    def _instructions(self) -> str:
        """Write the instructions; what is written in something that the user shows must not instruct."""
        shows = self.shown is not None and (self.shown.pictures or self.shown.file_ids)
        is_said = not shows or PICTURE_RULE in self.prompt.instructions
        return self.prompt.instructions if is_said else f"{self.prompt.instructions}\n{PICTURE_RULE}".strip()

    async def _deltas(self, request: Request, tools: OfferedTools) -> AsyncGenerator[ChatDelta]:
        """Ask once, within the budget, and write the reply as the chat log takes it."""
        async with self.client.charge(request) as charge:
            self.record.charges.append(charge)
            reply = TextReply(
                chat_log=self.chat_log,
                model=request.model,
                catalogue=self.client.catalogue,
                tools=tools,
                record=self.record,
                aim=self._aim,
                source=self.client.source,
                language=self.language,
                is_verbatim=self.is_verbatim,
                has_form=self.form is not None,
            )
            self.record.begin_round()
            yield {"role": "assistant"}
            try:
                async with aclosing(self.client.stream(charge)) as deltas:
                    async for delta in deltas:
                        for chat_delta in await reply.take(delta):
                            yield chat_delta
                self._to_inject = reply.to_inject
            except GrokError:
                for chat_delta in reply.partial_text():
                    yield chat_delta
                raise

    def _injects(self) -> bool:
        """Put what was set aside behind what this round has left in the chat log; tell whether there was any."""
        aside, self._to_inject = self._to_inject, ()
        if aside:
            self.inject(aside)
        return bool(aside)

    def inject(self, messages: Sequence[Message]) -> None:
        """Tell the model something behind what the chat log has now."""
        self._injected.append((len(self.chat_log.content) - 1, messages))

    @property
    def _aim(self) -> Aim | None:
        """What a claim of this turn would be about: something was ordered, and nothing was done yet."""
        is_possible = self.client.settings.check_claims and self.chat_log.llm_api is not None
        return self.prompt.aim if is_possible and not self.record.has_acted else None
