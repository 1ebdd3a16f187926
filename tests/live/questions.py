"""What we would like to know of the service, with what we rely on."""

from typing import Final

from . import session_judges as session, speech_judges as speech, text_judges as text, voice_judges as voice
from .question import Question
from .text_scenes import ARGUMENTS
from .voice_scenes import FIELDS

TEXT_QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        id="models",
        text="Which models are listed?",
        rely="the default model, with prices",
        scene="account",
        judge=text.models,
    ),
    Question(
        id="wrong_key",
        text="How is a wrong key refused?",
        rely="401, or 400 that speaks of the key",
        scene="account",
        judge=text.wrong_key,
    ),
    Question(id="answer", text="Is a text answered?", rely="yes", scene="hello", judge=text.answer),
    Question(
        id="unknown_model",
        text="A model that is not there?",
        rely="refused with 400 or 404",
        scene="hello",
        judge=text.unknown_model,
    ),
    Question(id="usage", text="Are tokens told?", rely="yes, in the last event", scene="hello", judge=text.usage),
    Question(id="cost", text="Is the cost told?", rely="cost_in_usd_ticks, not 0", scene="hello", judge=text.cost),
    Question(
        id="closing_event",
        text="Which event comes last?",
        rely="response.completed",
        scene="hello",
        judge=text.closing,
    ),
    Question(
        id="empty_content",
        text="A message without content?",
        rely="refused; none is sent",
        scene="contents",
        judge=text.empty_content,
    ),
    Question(
        id="later_system",
        text="A system message behind the user's?",
        rely="obeyed; none is sent",
        scene="contents",
        judge=text.later_system,
    ),
    Question(
        id="own_state",
        text="Facts in a second part of the user's message?",
        rely="read",
        scene="contents",
        judge=text.own_state,
    ),
    Question(
        id="error_shape",
        text="What does a refusal look like?",
        rely="{code, error} in prose, or {error: {message, type}}",
        scene="contents",
        judge=text.error_shape,
    ),
    *(
        Question(
            id=f"argument_{name}",
            text=f"Is {name} taken?",
            rely="yes, or refused by name",
            scene="arguments",
            judge=text.argument(name),
        )
        for name in ARGUMENTS
    ),
    Question(
        id="reasoning",
        text="Does encrypted reasoning come?",
        rely="yes, where asked for",
        scene="reasoning",
        judge=text.thoughts,
    ),
    Question(
        id="reasoning_replay",
        text="May it be sent back?",
        rely="yes",
        scene="reasoning",
        judge=text.replay,
    ),
    Question(
        id="schema_keywords",
        text="May schemas have enum and pattern?",
        rely="yes",
        scene="calling",
        judge=text.keywords,
    ),
    Question(id="call", text="Is a function called?", rely="yes, rightly", scene="calling", judge=text.call),
    Question(
        id="call_pieces",
        text="Do arguments come in one piece?",
        rely="yes",
        scene="calling",
        judge=text.pieces,
    ),
    Question(id="call_result", text="Is its result answered?", rely="yes", scene="calling", judge=text.result),
    Question(
        id="json_schema",
        text="Does an answer take a given form?",
        rely="yes",
        scene="structure",
        judge=text.structured,
    ),
    Question(
        id="wordless",
        text="Replies without words or calls?",
        rely="none",
        scene="structure",
        judge=text.wordless,
    ),
    Question(
        id="rate_headers",
        text="Are limits told in headers?",
        rely="no; read where they are",
        scene="structure",
        judge=text.rate_headers,
    ),
)

SPEECH_QUESTIONS: Final[tuple[Question, ...]] = (
    Question(id="tts", text="Is a text spoken?", rely="as mp3", scene="speaking", judge=speech.spoken),
    Question(id="stt", text="Is speech written down?", rely="yes", scene="transcribing", judge=speech.transcribed),
    Question(
        id="stt_short_language",
        text="The language “es”?",
        rely="taken",
        scene="transcribing",
        judge=speech.short_language,
    ),
    Question(
        id="stt_regional_language",
        text="The language “es-ES”?",
        rely="taken; two letters are sent",
        scene="transcribing",
        judge=speech.regional_language,
    ),
    Question(
        id="stt_socket", text="And on a socket?", rely="transcript.done", scene="finalizing", judge=speech.streamed
    ),
    Question(
        id="stt_finalize",
        text="Does finalize end an utterance?",
        rely="a final partial",
        scene="finalizing",
        judge=speech.finalize,
    ),
)

SESSION_QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        id="handshake_wrong_key",
        text="A socket with a wrong key?",
        rely="400, 401 or 403",
        scene="handshake",
        judge=session.wrong_key,
    ),
    Question(
        id="greeting",
        text="What comes first?",
        rely="session.created",
        scene="session",
        judge=session.greeting,
    ),
    Question(
        id="session_model",
        text="Which model is named?",
        rely="the alias asked for",
        scene="session",
        judge=session.model,
    ),
    Question(
        id="update",
        text="Is our session.update accepted?",
        rely="as a whole",
        scene="session",
        judge=session.full,
    ),
    *(
        Question(
            id=f"field_{name}",
            text=f"By itself: {name}?",
            rely="accepted",
            scene="session",
            judge=session.field(name),
        )
        for name in FIELDS
    ),
    Question(
        id="echo", text="What does the echo hold?", rely="our voice and rate", scene="session", judge=session.echo
    ),
    Question(
        id="echoed_tools",
        text="How do functions come back?",
        rely="nested; not read",
        scene="session",
        judge=session.echoed_tools,
    ),
    Question(
        id="idle_cancel",
        text="A cancel of nothing?",
        rely="harmless",
        scene="session",
        judge=session.cancel,
    ),
    Question(
        id="socket_error",
        text="What does an error look like?",
        rely="error with type and message",
        scene="frames",
        judge=session.error_shape,
    ),
    Question(
        id="big_frame",
        text="A frame of 100 kB?",
        rely="taken; we send 32 kB",
        scene="frames",
        judge=session.big_frame,
    ),
)

VOICE_QUESTIONS: Final[tuple[Question, ...]] = (
    Question(id="heard_16k", text="Is sound of 16 kHz understood?", rely="yes", scene="spoken", judge=voice.heard),
    Question(
        id="burst",
        text="Sound at once, with silence behind?",
        rely="is a turn",
        scene="spoken",
        judge=voice.burst,
    ),
    Question(
        id="order",
        text="The order of a turn?",
        rely="started, stopped, committed, created",
        scene="spoken",
        judge=voice.order,
    ),
    Question(
        id="transcript_status",
        text="The status of transcripts?",
        rely="in_progress, completed",
        scene="spoken",
        judge=voice.statuses,
    ),
    Question(
        id="sound_events",
        text="How does sound come?",
        rely="response.output_audio.delta",
        scene="spoken",
        judge=voice.sound,
    ),
    Question(
        id="spoken_call",
        text="A function called by voice?",
        rely="called, its result answered",
        scene="spoken",
        judge=voice.call,
    ),
    Question(
        id="preamble",
        text="Is something said before a call?",
        rely="no",
        scene="spoken",
        judge=voice.preamble,
    ),
    Question(
        id="spoken_memory",
        text="Are former spoken turns known?",
        rely="yes",
        scene="spoken",
        judge=voice.memory,
    ),
    Question(
        id="billable",
        text="Which seconds are billed?",
        rely="told, at most sent + received",
        scene="spoken",
        judge=voice.billable,
    ),
    Question(
        id="written",
        text="Is a written item answered by voice?",
        rely="yes",
        scene="written",
        judge=voice.written,
    ),
    Question(
        id="metadata",
        text="Do marks of a response come back?",
        rely="yes",
        scene="written",
        judge=voice.metadata,
    ),
    Question(id="truncate", text="May an answer be shortened?", rely="yes", scene="written", judge=voice.truncate),
    Question(id="delete", text="May an item be deleted?", rely="yes", scene="written", judge=voice.delete),
    Question(
        id="force_message",
        text="Is a forced sentence spoken?",
        rely="word by word",
        scene="written",
        judge=voice.forced,
    ),
)
