"""The user's consent in one turn: what is held, the question that is put, the yes that an earlier turn asked for."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
import logging
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import llm
from homeassistant.util.ulid import ulid_now

from ..core.consent.book import Answer, AskBefore, Asker, ConsentBook, Deed, HeldCall, Question, Said, Verdict
from ..core.fence import fenced
from ..faults import async_sentence

_LOGGER = logging.getLogger(__name__)

ASKS: Final = {
    Deed.UNLOCK: "ask_unlock",
    Deed.OPEN: "ask_open",
    Deed.DISARM: "ask_disarm",
    Deed.RUN: "ask_run",
    Deed.TURN_ON: "ask_turn_on",
    Deed.TURN_OFF: "ask_turn_off",
    Deed.CHANGE: "ask_change",
}
"""The question of each deed, by the key of its sentence."""
NAME_LIMIT: Final = 200
HELD: Final = (
    "Not done yet: the home asks the user for a yes right now, in words of its own, and does it by itself once they"
    " agree. Do not call it again, do not ask, and do not say that it was done."
)
REFUSED: Final = (
    "Not done: this needs the yes of a user, and here is nobody who could be asked. Do not call it again, and do not"
    " say that it was done."
)

CHANGED: Final = "Not done: it would now do more than the user was asked about."
MOST_NAMED: Final = 5
"""Names of one deed that a question tells; how many more there are, it says."""


@dataclass(slots=True, kw_only=True)
class Consent:
    """What one turn may do by itself, and what it was allowed."""

    hass: HomeAssistant
    book: ConsentBook
    agent: str
    """The subentry's id."""
    conversation_id: str
    asker: Asker
    language: str
    ask_before: AskBefore
    may_ask: bool = True
    """Somebody is there to answer."""
    answer_s: float | None = None
    """How long a question waits, where that is not the usual time."""
    answer: Answer | None = None
    """What this turn says to the question of the one before."""
    held: list[HeldCall] = field(default_factory=list)
    said: str = ""
    """What was said of the calls that the user had agreed to, once they were made."""
    _granted: frozenset[tuple[Deed, str]] = frozenset()
    """What the calls under way may do: those that the user has agreed to."""

    @property
    def policy(self) -> AskBefore:
        """What is to be held now."""
        return self.ask_before

    @property
    def told(self) -> str:
        """What the model is told of a call that was held."""
        if self._granted:
            return CHANGED
        return HELD if self.may_ask else REFUSED

    def hold(self, call: HeldCall) -> None:
        """Keep a call that was not made; the same one is kept once, and one that was agreed to not again."""
        if call not in self.held and not self._granted:
            self.held.append(call)

    def has_yes_for(self, call: HeldCall) -> bool:
        """Whether the user has agreed to all that a call would do now: names may mean more than when it was asked."""
        return self._granted.issuperset(call.deeds)

    def note_answer(self, text: str, chat_log: conversation.ChatLog) -> None:
        """Take what the user says as the answer to what was asked before, if anything was."""
        now = self.hass.loop.time()
        said = Said(text, _sentences(chat_log))
        self.answer = self.book.answer(self.agent, self.conversation_id, self.asker, said, now)
        if self.answer is not None:
            verdict, question = self.answer.verdict, self.answer.question.text
            _LOGGER.debug("The question of a held call was answered: %s", verdict.value)
            chat_log.async_trace({"consent": {"question": question, "verdict": verdict.value}})

    async def ask(self, chat_log: conversation.ChatLog) -> str:
        """Put the question of what was held, and note that it stands; return its words.

        Where nobody can answer, say what was not done and how it can be.
        """
        deeds: dict[Deed, list[str]] = {}
        for call in self.held:
            for deed, name in call.deeds:
                names = deeds.setdefault(deed, [])
                if (told := fenced(name, NAME_LIMIT)) not in names:
                    names.append(told)
        sentences = [await self._sentence(ASKS[deed], names=_listed(names)) for deed, names in deeds.items()]
        question = " ".join(sentences)
        if not self.may_ask:
            named = _listed([name for names in deeds.values() for name in names])
            question = await self._sentence("needs_confirmation", names=named)
        else:
            asked = Question(
                calls=tuple(self.held),
                asker=self.asker,
                text=question,
                asked_at=self.hass.loop.time(),
                sentences=_sentences(chat_log),
                answer_s=self.answer_s,
            )
            self.book.ask(self.agent, self.conversation_id, asked)
            question += " " + await self._sentence("yes_or_no")
        calls = [{"tool": call.tool_name, "arguments": call.arguments} for call in self.held]
        chat_log.async_trace({"consent": {"question": question, "held": calls}})
        self.held = []
        return question

    def withdraw(self) -> None:
        """Take back a question that was not heard."""
        self.book.forget(self.agent, self.conversation_id)

    async def carry_out(self, chat_log: conversation.ChatLog, agent_id: str) -> AsyncGenerator[conversation.Content]:
        """Make the calls that the user has agreed to, once; give what came of each."""
        calls, self.answer = self._agreed(), None
        inputs = [
            llm.ToolInput(id=ulid_now(), tool_name=call.tool_name, tool_args=dict(call.arguments)) for call in calls
        ]

        async def deltas() -> AsyncGenerator[conversation.AssistantContentDeltaDict]:
            """Write the calls as the chat log takes them."""
            yield {"role": "assistant", "tool_calls": inputs}

        self._granted = frozenset(deed for call in calls for deed in call.deeds)
        try:
            async for content in chat_log.async_add_delta_content_stream(agent_id, deltas()):
                yield content
        finally:
            self._granted = frozenset()

    @property
    def is_granted(self) -> bool:
        """Whether this turn brought the yes, and nothing was done on it yet."""
        return bool(self._agreed())

    async def outcome(self, results: Sequence[conversation.Content]) -> str:
        """Say what became of what was agreed to."""
        failed = [
            content.result.data
            for content in results
            if isinstance(content, conversation.ToolResultContent) and content.result.error
        ]
        if failed:
            if failed[0].get("held"):
                return await self._sentence("agreed_changed")
            problem = failed[0].get("error_text") or failed[0].get("error")
            return await self._sentence("agreed_failed", detail=fenced(str(problem or "-"), NAME_LIMIT))
        return await self._sentence("done")

    def _agreed(self) -> tuple[HeldCall, ...]:
        """Return the calls that may be made now."""
        answer = self.answer
        return answer.question.calls if answer is not None and answer.verdict is Verdict.GRANTED else ()

    async def _sentence(self, key: str, **placeholders: str) -> str:
        """Write one of our sentences in the turn's language."""
        return await async_sentence(self.hass, self.language, key, placeholders)


def _listed(names: Sequence[str]) -> str:
    """Name things, and say how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join([*names[:MOST_NAMED], *([f"+{more}"] if more > 0 else ())])


def _sentences(chat_log: conversation.ChatLog) -> int:
    """Count what the user has said in a conversation, to whichever agent."""
    return sum(isinstance(content, conversation.UserContent) for content in chat_log.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRules:
    """What holds for a turn of an agent."""

    book: ConsentBook
    agent: str
    ask_before: AskBefore
    may_ask: bool
    answer_s: float | None = None
    """How long a question waits for its yes, where that is not the usual time."""


@callback
def async_begin(
    hass: HomeAssistant,
    rules: ConsentRules,
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
) -> Consent:
    """Say what a turn may do by itself, and take what the user says as an answer to an open question."""
    consent = Consent(
        hass=hass,
        book=rules.book,
        agent=rules.agent,
        conversation_id=chat_log.conversation_id,
        asker=Asker(user_id=user_input.context.user_id, device_id=user_input.device_id),
        language=user_input.language,
        ask_before=rules.ask_before,
        may_ask=rules.may_ask,
        answer_s=rules.answer_s,
    )
    if rules.may_ask:
        consent.note_answer(user_input.text, chat_log)
    return consent
