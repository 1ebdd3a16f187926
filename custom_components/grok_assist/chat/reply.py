"""One reply of a turn on its way into the chat log: its words as they can be spoken, its calls when it is complete."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
import logging
from typing import Final

from homeassistant.components import conversation

from ..core.calls import FunctionCall
from ..core.claims.aims import Aim
from ..core.claims.guard import ClaimGuard
from ..core.models import Catalogue
from ..core.speech.stream import SpeechStream, Verbatim
from ..faults import async_sentence
from ..grok.messages import AssistantMessage, ContextMessage, FunctionResult, Message, ReplayedItems
from ..grok.stream import Completed, Delta, ReasoningDelta, TextDelta
from .record import TurnRecord
from .tool_calls import ChatDelta, has_acted_before, tool_deltas
from .tools import MICROPHONE, MICROPHONE_SET, OfferedTools, microphone_wish
from .truth import async_is_false

_LOGGER = logging.getLogger(__name__)

ASK_ON: Final = (
    "Your last reply had no words for the user. Answer them now, in words or by a tool. Do not mention this message."
)
CORRECTION: Final = (
    "You said that something was done, but no tool of this turn has done anything. If the user wants it done, call the"
    " tool now. If it cannot be done, say plainly that it was not done. If you spoke of something that was done in an"
    " earlier turn, say so in other words. Do not mention this message."
)
CALLED_BEFORE: Final = (
    "Your last reply repeats a call that an earlier reply of this turn has made, under the same id. It was not run"
    " again: its result is above. Go on from there, and do not mention this message."
)


@dataclass(slots=True, kw_only=True)
class TextReply:
    """One reply."""

    chat_log: conversation.ChatLog
    model: str
    """The one that was asked."""
    catalogue: Catalogue
    tools: OfferedTools
    record: TurnRecord
    aim: Aim | None
    """What a claim of the reply would be about; None where it may say what it likes."""
    source: str
    """The model and the key that are asked."""
    language: str
    is_verbatim: bool
    """Nobody hears it: it is given as it was written."""
    has_form: bool
    """It is data of a form that was asked for, and whoever asked corrects it."""
    to_inject: Sequence[Message] = field(default=(), init=False)
    """What the model is to be told behind this reply, and to be asked again; of a reply that is complete."""
    _speech: SpeechStream | Verbatim = field(init=False)
    _thought: SpeechStream = field(default_factory=SpeechStream, init=False)
    _guard: ClaimGuard = field(init=False)
    _asked_at: float = field(init=False)
    _written: str = field(default="", init=False)
    _has_begun: bool = field(default=False, init=False)
    _repeated: set[str] = field(default_factory=set, init=False)
    """The ids of its calls that an earlier reply of the turn has made."""

    def __post_init__(self) -> None:
        """Wait for the first delta."""
        self._speech = Verbatim() if self.is_verbatim else SpeechStream()
        self._guard = ClaimGuard(self.aim.order if self.aim is not None else None)
        self._asked_at = asyncio.get_running_loop().time()

    async def take(self, delta: Delta) -> Sequence[ChatDelta]:
        """Write one delta of the reply.

        Calls are handed over when the reply is complete: a call of a reply that broke off is never run.
        """
        record = self.record
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

    async def _complete(self, reply: Completed) -> Sequence[ChatDelta]:
        """Write the end of a reply: the rest of its words, then its calls; or ask again where it is not true."""
        record = self.record
        record.model = reply.model or self.model
        record.is_cut = reply.is_cut
        record.citations |= {citation.url: citation for citation in reply.citations}
        if self.catalogue.find(record.model) is not self.catalogue.find(self.model):
            _LOGGER.debug("Asked for %s, answered by %s", self.model, record.model)
        self._written += reply.late_text
        calls = self._once(self._without_microphone(reply))
        rest = self._guard.feed(self._speech.feed(reply.late_text) + self._speech.flush()) + self._guard.finish()
        is_false = self._guard.has_claim and not self._will_act(calls)
        if is_false and async_is_false(self.chat_log.hass, self.aim, self._guard.held):
            if not record.corrections:
                return self._correct(rest)
            rest += self._guard.release() + await self._denial()
        else:
            rest += self._guard.release()
        if not record.has_spoken and not rest.strip() and not calls:
            rest = self._written.strip()  # nothing but a face or a picture: better as it is than no answer
        if reply.is_only_thought and self._may_ask_on:
            record.was_asked_on = True
            self.to_inject = (*self.to_inject, ContextMessage(text=ASK_ON))
        late = self._said(reply.late_text, rest)
        late = (*self._thinks(self._thought.flush()), *late)
        return (*late, {"native": self._replayed(reply)}, *self._handed_over(calls))

    @property
    def _may_ask_on(self) -> bool:
        """Whether the model may be asked for words: once, and where nothing was said or done that can be told."""
        record = self.record
        return not (record.has_spoken or record.has_acted or record.was_asked_on or self.has_form)

    def _correct(self, rest: str) -> Sequence[ChatDelta]:
        """Keep back what is not true, and ask the model to act or to correct itself."""
        self.record.corrections += 1
        self.to_inject = (AssistantMessage(text=self._guard.held.strip()), ContextMessage(text=CORRECTION))
        return self._said("", rest)

    async def _denial(self) -> str:
        """Say that it did not happen, unless something was done earlier of which this may speak."""
        if has_acted_before(self.chat_log, self.tools):
            return ""
        return " " + await async_sentence(self.chat_log.hass, self.language, "not_done")

    def _will_act(self, calls: Sequence[FunctionCall]) -> bool:
        """Whether a call of this reply may do what it says."""
        own = (self.tools.own_names.get(call.name) for call in calls)
        return any(name is not None and name not in self.tools.read_only for name in own)

    def _without_microphone(self, reply: Completed) -> Sequence[FunctionCall]:
        """Take out the model's wish for the microphone; one that came without words has to be followed by some."""
        wishes = [call for call in reply.calls if call.name == MICROPHONE]
        calls = tuple(call for call in reply.calls if call.name != MICROPHONE)
        for call in wishes:
            self.record.microphone = microphone_wish(call.arguments)
        if wishes and not calls and not self._written.strip():
            self.to_inject = [FunctionResult(call_id=call.call_id, output=MICROPHONE_SET) for call in wishes]
        return calls

    def _once(self, calls: Sequence[FunctionCall]) -> Sequence[FunctionCall]:
        """Leave out calls that an earlier reply of this turn has made; the model is told of them."""
        self._repeated = {call.call_id for call in calls} & self.record.handed_over
        if self._repeated:
            self.to_inject = (*self.to_inject, ContextMessage(text=CALLED_BEFORE))
        return tuple(call for call in calls if call.call_id not in self._repeated)

    def _replayed(self, reply: Completed) -> ReplayedItems:
        """Return what goes back with the next request: no call twice, which the service refuses."""
        items = tuple(item for item in reply.replay if item.get("call_id") not in self._repeated)
        return ReplayedItems(items=items, source=self.source)

    def _handed_over(self, calls: Sequence[FunctionCall]) -> Sequence[ChatDelta]:
        """Hand the calls over to Home Assistant, and remember them by their ids, if they have any."""
        self.record.handed_over |= {call.call_id for call in calls if call.call_id}
        return tool_deltas(calls, self.tools)

    def _thinks(self, text: str) -> Sequence[ChatDelta]:
        """Give a piece of the model's thinking, without what a screen would fetch for it."""
        return ({"thinking_content": text},) if text else ()

    def _said(self, written: str, spoken: str) -> Sequence[ChatDelta]:
        """Note a piece of the answer and give what of it is spoken."""
        self.record.say(written, spoken)
        return ({"content": spoken},) if spoken else ()
