"""What the plain endpoints tell."""

from .evidence import Evidence, Talk, is_understood
from .question import Finding, agrees, agrees_if, differs, needed
from .sound import KITCHEN, sentence

_LEAST_BYTES = 2_000


def spoken(seen: Evidence) -> Finding:
    """Judge whether there is sound."""
    reply = seen.replies["tts"]
    kind = reply.headers.get("content-type", "")
    is_sound = reply.is_ok and len(reply.sound) > _LEAST_BYTES
    return needed(is_sound, f"{len(reply.sound)} bytes of {kind}" if is_sound else reply.told)


def transcribed(seen: Evidence) -> Finding:
    """Judge whether words are understood, with no language and with that which is spoken."""
    texts = {name: seen.replies[name] for name in ("stt", "stt en")}
    told = [_text(seen, name) if reply.is_ok else reply.told for name, reply in texts.items()]
    return needed(all(is_understood(one, sentence(KITCHEN)[0]) for one in told), "; ".join(dict.fromkeys(told)))


def short_language(seen: Evidence) -> Finding:
    """Judge whether a language of two letters is taken."""
    reply = seen.replies["stt es"]
    return needed(reply.is_ok, reply.told)


def regional_language(seen: Evidence) -> Finding:
    """Judge whether a language with its region is taken."""
    reply = seen.replies["stt es-ES"]
    told = str(reply.body.get("language") or "none") if reply.is_ok else ""
    return agrees_if(told.startswith("es"), f"accepted, told as {told}" if told else reply.told)


def finalize(seen: Evidence) -> Finding:
    """Judge whether an utterance can be ended before the sound."""
    talk = seen.talks["stt"]
    if talk.status != 101:
        return differs(f"the handshake is refused with {talk.status}")
    part = Talk(frames=talk.frames[seen.marks["finalize"] : seen.marks["audio done"]])
    finals = [event for event in part.of("transcript.partial") if event.get("is_final")]
    if finals:
        return agrees(f"“{finals[0].get('text')}”")
    return differs(part.complaint or ("no final partial" if part.events else "no answer"))


def streamed(seen: Evidence) -> Finding:
    """Judge whether the socket gives the whole in the end."""
    talk = seen.talks["stt"]
    text = str(talk.first("transcript.done").get("text", ""))
    return needed(is_understood(text, sentence(KITCHEN)[0]), f"“{text}”")


def _text(seen: Evidence, name: str) -> str:
    """Give what was understood."""
    return str(seen.replies[name].body.get("text", ""))
