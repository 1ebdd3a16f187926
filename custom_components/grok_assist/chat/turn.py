"""One turn of a conversation: the chat log as a request, the reply into the chat log, and the loop over tools."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
import logging
from typing import Final

from homeassistant.components import conversation

from ..account.billing import Billing
from ..core.calls import FunctionCall
from ..core.claims.aims import Aim
from ..core.claims.guard import ClaimGuard
from ..core.errors import GrokAnswerError, GrokCutError, GrokError
from ..core.history import Remembered
from ..core.home.assist_prompt import PICTURE_RULE
from ..core.models import Catalogue
from ..core.settings import AgentSettings, FollowUp
from ..core.speech.stream import SpeechStream, Verbatim
from ..core.usage.ledger import Kind
from ..faults import async_sentence
from ..grok.client import GrokClient
from ..grok.delivery import Delivery
from ..grok.messages import (
    AnswerForm,
    AssistantMessage,
    ContextMessage,
    FunctionResult,
    Message,
    ReplayedItems,
    Request,
    Usage,
    UserMessage,
    paired,
)
from ..grok.patience import Patience
from ..grok.stream import Completed, Delta, ReasoningDelta, TextDelta
from ..vision.camera_tool import PICTURE_SINK
from ..vision.picture_sinks import PictureStore
from .chat_log import MessageWriter, turns_of
from .prompt import TurnPrompt
from .record import TurnRecord
from .tool_calls import ChatDelta, has_acted_before, tool_deltas, utter
from .tools import MICROPHONE, MICROPHONE_SET, OfferedTools, Toolbox, microphone_wish
from .truth import async_is_false

_LOGGER = logging.getLogger(__name__)

MAX_ROUNDS: Final = 10  # requests of one turn; a model that calls tools for ever is stopped
CORRECTION: Final = (
    "You said that something was done, but no tool of this turn has done anything. If the user wants it done, call the"
    " tool now. If it cannot be done, say plainly that it was not done. If you spoke of something that was done in an"
    " earlier turn, say so in other words. Do not mention this message."
)


@dataclass(slots=True, kw_only=True)
class TextTurn:
    """One turn of one agent."""

    agent_id: str
    chat_log: conversation.ChatLog
    client: GrokClient
    catalogue: Catalogue
    settings: AgentSettings
    toolbox: Toolbox
    record: TurnRecord
    prompt: TurnPrompt
    remembered: Remembered
    billing: Billing
    language: str
    cache_key: str
    """The same for all turns of an agent: they share the long beginning of the prompt, and so the server's cache."""
    patience: Patience
    shown: UserMessage | None = None
    """What the user says with what they show along with it; None: only the words that the chat log has."""
    kind: Kind = Kind.TEXT
    form: AnswerForm | None = None
    """The form that the answer must have."""
    is_verbatim: bool = False
    """Nobody hears the answer: it is given as it was written."""
    store: PictureStore = field(default_factory=PictureStore)
    _injected: list[tuple[int, Sequence[Message]]] = field(default_factory=list)
    """Messages of this turn that are not in the chat log, each after so many entries of it."""
    _to_inject: Sequence[Message] = ()
    """Such messages of the present round."""

    async def run(self) -> None:
        """Ask, run the tools the model calls, and ask again until it answers.

        Raises:
            GrokError: there is no answer; what tools did until then stays done and stays in the chat log.
        """
        token = PICTURE_SINK.set(self.store if self.catalogue.has_sight(self.settings.model) else None)
        try:
            await self._answer()
        finally:
            PICTURE_SINK.reset(token)
            self.store.pictures.clear()

    async def _answer(self) -> None:
        """Have rounds until there is an answer.

        Raises:
            GrokError: there is none.
        """
        wants_microphone = self.settings.follow_up is FollowUp.MODEL
        tools = self.toolbox.offer(self.chat_log.llm_api, has_microphone=wants_microphone)
        for _ in range(MAX_ROUNDS):
            deltas = self._deltas(self._request(tools), tools)
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

    def _request(self, tools: OfferedTools) -> Request:
        """Write the chat log as a request."""
        writer = MessageWriter(
            agent_id=self.agent_id,
            tools=tools,
            limits=self.settings.history,
            source=self.source,
            pictures=self.store.pictures,
        )
        contents = self.chat_log.content[1:]
        present = turns_of(contents)[-1]
        start = len(contents) - len(present)
        messages = writer.history(contents[:start], self.remembered)
        block: list[Message] = [ContextMessage(text=self.prompt.block)] if self.prompt.block else []
        for position, content in enumerate(present, start):
            if not isinstance(content, conversation.UserContent):
                messages += writer.messages([content])
            else:
                messages += [self.shown] if self.shown is not None else writer.messages([content])
                messages += block
            for after, aside in self._injected:
                messages += aside if after == position + 1 else ()
        model = self.catalogue.resolve(self.settings.model)
        return Request(
            model=model,
            instructions=self._instructions(),
            messages=paired(messages),
            tools=tools.specs,
            effort=self.catalogue.effort_for(model, self.settings.effort),
            max_tokens=self.settings.max_tokens,
            temperature=self.settings.temperature,
            has_web_search=self.settings.web_search,
            has_x_search=self.settings.x_search,
            cache_key=self.cache_key,
            form=self.form,
        )

    def _instructions(self) -> str:
        """Write the instructions; what is written in something that the user shows must not instruct."""
        shows = self.shown is not None and (self.shown.pictures or self.shown.file_ids)
        is_said = not shows or PICTURE_RULE in self.prompt.instructions
        return self.prompt.instructions if is_said else f"{self.prompt.instructions}\n{PICTURE_RULE}".strip()

    async def _deltas(self, request: Request, tools: OfferedTools) -> AsyncGenerator[ChatDelta]:
        """Ask once, within the budget, and write the reply as the chat log takes it."""
        with await self.billing.admit(request, self.catalogue) as admitted:
            reply = TextReply(self, admitted.request, tools)
            try:
                self.record.begin_round()
                yield {"role": "assistant"}
                stream = self.client.stream(admitted.request, patience=self.patience, delivery=reply.delivery)
                async with aclosing(stream) as deltas:
                    async for delta in deltas:
                        for chat_delta in await reply.take(delta):
                            yield chat_delta
            except GrokError:
                for chat_delta in reply.partial_text():
                    yield chat_delta
                raise
            finally:
                reply.book_lost()

    @property
    def source(self) -> str:
        """The model and the key that are asked."""
        return f"{self.catalogue.resolve(self.settings.model)} {self.client.source_id}"

    def _injects(self) -> bool:
        """Put what was set aside behind what this round has left in the chat log; tell whether there was any."""
        aside, self._to_inject = self._to_inject, ()
        if aside:
            self.inject(aside)
        return bool(aside)

    def inject(self, messages: Sequence[Message]) -> None:
        """Tell the model something behind what the chat log has now."""
        self._injected.append((len(self.chat_log.content) - 1, messages))

    def inject_after_round(self, messages: Sequence[Message]) -> None:
        """Tell the model after this round something that is not in the chat log, and ask it again."""
        self._to_inject = messages

    @property
    def aim(self) -> Aim | None:
        """What a claim of this turn would be about: something was ordered, and nothing was done yet."""
        is_possible = self.settings.check_claims and self.chat_log.llm_api is not None
        return self.prompt.aim if is_possible and not self.record.has_acted else None


class TextReply:
    """One reply of a turn on its way into the chat log."""

    def __init__(self, turn: TextTurn, request: Request, tools: OfferedTools) -> None:
        """Wait for the first delta."""
        self._turn = turn
        self._request = request
        self._tools = tools
        self._speech = Verbatim() if turn.is_verbatim else SpeechStream()
        self._thought = SpeechStream()
        self._guard = ClaimGuard(turn.aim.order if turn.aim is not None else None)
        self._asked_at = asyncio.get_running_loop().time()
        self._written = ""
        self._has_begun = False
        self.delivery = Delivery()
        """What became of its tries."""

    async def take(self, delta: Delta) -> Sequence[ChatDelta]:
        """Write one delta of the reply.

        Calls are handed over when the reply is complete: a call of a reply that broke off is never run.
        """
        record = self._turn.record
        if not self._has_begun and not isinstance(delta, ReasoningDelta):
            self._has_begun = True
            if record.first_delta_ms is None:
                record.first_delta_ms = (asyncio.get_running_loop().time() - self._asked_at) * 1000
        match delta:
            case TextDelta(text=text):
                self._written += text
                return self._said(text, self._guard.feed(self._speech.feed(text)))
            case ReasoningDelta(text=text):
                return self._thinks(self._thought.feed(text))
            case Completed():
                return await self._complete(delta)
        return ()

    def partial_text(self) -> Sequence[ChatDelta]:
        """Say what was held of a sentence that will have no end; of a claim nothing."""
        return () if self._guard.has_claim else self._said("", self._guard.release())

    def book_lost(self) -> None:
        """Book a guess of what may be billed and whose usage will never be told."""
        turn = self._turn
        turn.record.usage += turn.billing.book_lost(
            self.delivery, self._request, self._written, turn.catalogue, kind=turn.kind
        )

    async def _complete(self, reply: Completed) -> Sequence[ChatDelta]:
        """Write the end of a reply: the rest of its words, then its calls; or ask again where it is not true."""
        turn, record = self._turn, self._turn.record
        self._book(reply.usage, reply.model or self._request.model)
        record.model = reply.model or self._request.model
        record.is_cut = reply.is_cut
        record.citations |= {citation.url: citation for citation in reply.citations}
        if turn.catalogue.find(record.model) is not turn.catalogue.find(self._request.model):
            _LOGGER.debug("Asked for %s, answered by %s", self._request.model, record.model)
        self._written += reply.late_text
        calls = self._without_microphone(reply)
        rest = self._guard.feed(self._speech.feed(reply.late_text) + self._speech.flush()) + self._guard.finish()
        is_false = self._guard.has_claim and not self._will_act(calls)
        if is_false and async_is_false(turn.chat_log.hass, turn.aim, self._guard.held):
            if not record.corrections:
                return self._correct(rest)
            rest += self._guard.release() + await self._denial()
        else:
            rest += self._guard.release()
        if not record.has_spoken and not rest.strip() and not calls:
            rest = self._written.strip()  # nothing but a face or a picture: better as it is than no answer
        late = self._said(reply.late_text, rest)
        late = (*self._thinks(self._thought.flush()), *late)
        return (
            *late,
            {"native": ReplayedItems(items=reply.replay, source=turn.source)},
            *tool_deltas(calls, self._tools),
        )

    def _correct(self, rest: str) -> Sequence[ChatDelta]:
        """Keep back what is not true, and ask the model to act or to correct itself."""
        self._turn.record.corrections += 1
        self._turn.inject_after_round(
            (AssistantMessage(text=self._guard.held.strip()), ContextMessage(text=CORRECTION))
        )
        return self._said("", rest)

    async def _denial(self) -> str:
        """Say that it did not happen, unless something was done earlier of which this may speak."""
        turn = self._turn
        if has_acted_before(turn.chat_log, self._tools):
            return ""
        return " " + await async_sentence(turn.chat_log.hass, turn.language, "not_done")

    def _will_act(self, calls: Sequence[FunctionCall]) -> bool:
        """Whether a call of this reply may do what it says."""
        own = (self._tools.own_names.get(call.name) for call in calls)
        return any(name is not None and name not in self._tools.read_only for name in own)

    def _without_microphone(self, reply: Completed) -> Sequence[FunctionCall]:
        """Take out the model's wish for the microphone; one that came without words has to be followed by some."""
        wishes = [call for call in reply.calls if call.name == MICROPHONE]
        calls = tuple(call for call in reply.calls if call.name != MICROPHONE)
        for call in wishes:
            self._turn.record.microphone = microphone_wish(call.arguments)
        if wishes and not calls and not self._written.strip():
            self._turn.inject_after_round(
                [FunctionResult(call_id=call.call_id, output=MICROPHONE_SET) for call in wishes]
            )
        return calls

    def _thinks(self, text: str) -> Sequence[ChatDelta]:
        """Give a piece of the model's thinking, without what a screen would fetch for it."""
        return ({"thinking_content": text},) if text else ()

    def _said(self, written: str, spoken: str) -> Sequence[ChatDelta]:
        """Note a piece of the answer and give what of it is spoken."""
        self._turn.record.say(written, spoken)
        return ({"content": spoken},) if spoken else ()

    def _book(self, usage: Usage, model: str) -> None:
        """Book what the reply cost."""
        turn = self._turn
        turn.record.usage += turn.billing.book(usage, model, turn.catalogue, kind=turn.kind)
