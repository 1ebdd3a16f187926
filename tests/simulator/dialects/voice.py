"""The dialects of the realtime voice."""

from typing import Final

from .dialect import dialect

VOICE: Final = (
    dialect("metadata", "echoed missing", "the marks of a response.create in the events of its answer (V10)"),
    dialect("session_model", "alias resolved", "whether the session names the alias asked for, or its model (V8)"),
    dialect(
        "refused_field",
        "none keyterms language_hint speed effort transcription tools_extra replace resumption threshold padding all",
        "a field of session.update for which the whole update is refused; tools_extra are tools that are no functions,"
        " all are those that a voice can do without (section 3, no. 4)",
    ),
    dialect(
        "socket_error_shape",
        "usual untyped bare flat slug",
        "an error event: as documented, its error without type and code, no type of its own, flat, or with a slug"
        " (section 3, no. 3)",
    ),
    dialect("stray_errors", "none some", "errors of an unknown type about nothing, in mid-turn (section 3, no. 3)"),
    dialect(
        "delete",
        "accepted refused refused_during_update",
        "a conversation.item.delete: done, refused, or refused shortly before an update and while it waits for its"
        " acknowledgement, which is late then (section 3, no. 3)",
    ),
    dialect("truncate", "accepted refused ignored", "a conversation.item.truncate (open question 6)"),
    dialect("idle_cancel", "harmless closes", "a response.cancel where nothing is to be cancelled (V4)"),
    dialect(
        "speech_after_end",
        "never once",
        "after the first stop speech_started comes once more, late, and is over only after silence that comes later yet"
        " (section 3, no. 5)",
    ),
    dialect(
        "response_created",
        "after_commit before_commit before_stop",
        "when the answer to a turn that the server found is announced (section 3, no. 9)",
    ),
    dialect("transcript_status", "usual missing unknown", "the status of a transcript (open question 10)"),
    dialect(
        "rate_16k",
        "heard deaf wordless",
        "audio declared as 16 kHz: understood, not noticed at all, or noticed and not understood (V6)",
    ),
    dialect("frame_limit", "none 1MiB 64KiB", "the longest frame that is taken; longer ones close with 1009"),
    dialect("billable", "speech wall_clock missing zero", "what the wire tells of the seconds that are billed (V1)"),
    dialect(
        "voice_bill",
        "sent_and_received connection",
        "the seconds that are truly billed, as `billed_usd` of a session tells, beside $0.004 for a text item (V1)",
    ),
    dialect("audio_events", "output_audio audio", "the name of the events that carry sound and its words (V13)"),
    dialect("sessions_at_once", "100 10 1", "how many sessions may be open; else 429 at the handshake (V2)"),
    dialect("session_limit", "none short", "short: max_duration after 60 s (V3, open question 1)"),
    dialect("idle_limit", "none short", "short: timeout after 20 s in which nothing happens (question 1)"),
    dialect(
        "resumption",
        "assistant all lost",
        "what is replayed of a conversation gone on with: the voice's words, all as items added, or nothing at all, as"
        " it is not known any more (open question 7)",
    ),
    dialect("handshake_refusal", "400 401 403", "the status for a wrong key (open question 2)"),
    dialect("greeting", "first after_ping missing", "where session.created stands, if it comes (V13)"),
    dialect("preamble", "none spoken", "whether a whole sentence is spoken before a call in the same response (V5)"),
    dialect("binary_audio", "never sent", "whether sound comes as binary frames that nobody asked for (question 18)"),
    dialect("echoed_tools", "nested flat", "the form of functions in session.updated (open question 8)"),
    dialect("system_item", "obeyed ignored", "whether a system item steers the answers to come (open question 23)"),
    dialect("spoken_memory", "kept forgotten", "whether earlier spoken turns of a socket are known (V12)"),
)
