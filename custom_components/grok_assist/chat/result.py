"""The result of a turn: its speech, its card with the rich form and the sources, and what the trace has of it."""

from collections import deque
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from homeassistant.components import conversation
from homeassistant.core import callback
from homeassistant.helpers import intent

from ..account.meter import Meter
from ..core.fallback import Outcome
from ..core.speech.markdown import without_pictures
from ..faults import async_sentence
from ..grok.stream import Citation
from .follow_up import FollowUps
from .record import TurnRecord

TITLE_LIMIT: Final = 200
RECORDED: Final = frozenset(
    (
        *("cannot_connect", "timeout", "server_error", "invalid_auth", "permission_denied", "no_credits"),
        *("budget_exhausted", "budget_exhausted_month", "budget_too_small", "spending_unknown"),
    )
)
"""Sentences that a recording can stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a turn failed, by the key of its sentence."""

    key: str
    placeholders: dict[str, str]
    notes: tuple[str, ...] = ()
    """Keys of further sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultWriter:
    """Writes the results of one agent's turns."""

    title: str
    """Of the card."""
    follow_ups: FollowUps
    meter: Meter
    sentences: deque[str]
    """Gets what is said of failures for which there is a recording."""
    handed_over: deque[str]
    """Gets what Home Assistant's own agent answers."""

    def answer(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog, record: TurnRecord
    ) -> conversation.ConversationResult:
        """Give plain words to the voice, the rich form and the sources to the screen."""
        result = conversation.async_get_result_from_chat_log(user_input, chat_log)
        spoken = record.spoken.strip()
        result.response.async_set_speech(spoken)
        card = card_text(record, spoken)
        if card:
            result.response.async_set_card(self.title, card)
        result.continue_conversation = self.follow_ups.decide(
            chat_log.conversation_id, user_input, record, chat_log.hass.loop.time()
        )
        if record.outcome is not Outcome.ANSWERED:
            self.note_outcome(record.outcome, chat_log)
        return result

    async def refuse(
        self,
        refusal: Refusal,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        record: TurnRecord,
    ) -> conversation.ConversationResult:
        """Say why a turn failed, in the user's language."""
        hass, language, notes = chat_log.hass, user_input.language, refusal.notes
        self.note_outcome(Outcome.ERROR, chat_log)
        self.follow_ups.close(chat_log.conversation_id)
        sentence = await async_sentence(hass, language, refusal.key, refusal.placeholders)
        for note in ("already_done", *notes) if record.has_acted else notes:
            sentence += " " + await async_sentence(hass, language, note)
        if refusal.key in RECORDED:
            self.sentences.append(sentence)
        if record.has_spoken and chat_log.delta_listener:
            # A voice is already speaking what was streamed; it takes the sentence from there only.
            chat_log.delta_listener(chat_log, {"content": f"\n{sentence}"})
        response = intent.IntentResponse(language=language)
        response.async_set_error(intent.IntentResponseErrorCode.FAILED_TO_HANDLE, sentence)
        return _result(response, chat_log)

    async def ask_for_words(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        """Say that nothing was heard: the service refuses a message without words, and so would keep refusing."""
        response = intent.IntentResponse(language=user_input.language)
        sentence = await async_sentence(chat_log.hass, user_input.language, "no_words_heard")
        response.async_set_error(intent.IntentResponseErrorCode.NO_INTENT_MATCH, sentence)
        return _result(response, chat_log)

    def fall_silent(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        """Answer nothing, and close the microphone."""
        self.follow_ups.close(chat_log.conversation_id)
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech("")
        return _result(response, chat_log)

    def hand_over(
        self, response: intent.IntentResponse, chat_log: conversation.ChatLog, agent_id: str
    ) -> conversation.ConversationResult:
        """Give the answer of Home Assistant's own agent as that of ours."""
        self.note_outcome(Outcome.HOME_ASSISTANT, chat_log)
        said = response.speech.get("plain", {}).get("speech", "")
        self.handed_over.append(said)
        chat_log.async_add_assistant_content_without_tools(
            conversation.AssistantContent(agent_id=agent_id, content=said)
        )
        return _result(response, chat_log)

    @callback
    def note_outcome(self, outcome: Outcome, chat_log: conversation.ChatLog) -> None:
        """Count a turn that was not answered the ordinary way, and leave it in the trace."""
        self.meter.note_outcome(outcome)
        chat_log.async_trace({"outcome": outcome.value})


def _result(response: intent.IntentResponse, chat_log: conversation.ChatLog) -> conversation.ConversationResult:
    """Give a response as that of a conversation."""
    return conversation.ConversationResult(response=response, conversation_id=chat_log.conversation_id)


def card_text(record: TurnRecord, spoken: str) -> str:
    """Write what the screen shows beyond the spoken words, in markdown; empty if there is nothing more."""
    written = without_pictures(record.written.strip())
    sources = "\n".join(line for citation in record.citations.values() if (line := _source(citation)))
    if not sources:
        return written if written != spoken else ""
    return f"{written}\n\n{sources}"


def _source(citation: Citation) -> str:
    """Write a source as a link; an address that a browser would not open as a page is none."""
    parts = urlsplit(citation.url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    title = " ".join(citation.title.split())[:TITLE_LIMIT]
    escaped = "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-!|" else sign for sign in title)
    address = "".join(f"%{ord(sign):02X}" if sign in "()<> \"'" else sign for sign in citation.url)
    return f"- [{escaped}]({address})"


def stats(record: TurnRecord) -> dict[str, object]:
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
        "first_delta_ms": record.first_delta_ms,
        "corrections": record.corrections,
    }
