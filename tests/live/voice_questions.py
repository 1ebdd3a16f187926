"""What we would like to know of speech and of the sockets of voice, with what we rely on."""

from typing import Final

from . import session_judges as session, speech_judges as speech, voice_judges as voice
from .question import Question
from .voice_scenes import FIELDS

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
        id="delete_during_update",
        text="And right before an update?",
        rely="yes",
        scene="written",
        judge=voice.delete_during_update,
    ),
    Question(
        id="system_item",
        text="Is a system item heeded?",
        rely="yes; none is sent",
        scene="written",
        judge=voice.system_item,
    ),
    Question(
        id="force_message",
        text="Is a forced sentence spoken?",
        rely="word by word",
        scene="written",
        judge=voice.forced,
    ),
    Question(
        id="sockets_at_once",
        text="May four sockets be open at once?",
        rely="yes",
        scene="many",
        judge=session.at_once,
    ),
    Question(
        id="idle_socket",
        text="Does an idle socket stay open?",
        rely="for 30 s",
        scene="idle",
        judge=session.idleness,
    ),
)
