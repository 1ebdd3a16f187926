"""What the sockets tell about turns: what is heard, in which order it is answered, what it costs."""

from .evidence import Evidence, Talk, is_understood, tells_time, words_of
from .home import LIGHT, TURN_OFF, TURN_ON
from .question import Finding, agrees, agrees_if, contradicts, differs, needed, unanswered
from .sound import KITCHEN, sentence
from .voice_scenes import FORCED, MARK

_TRANSCRIBED = "conversation.item.input_audio_transcription.completed"
_ORDER = {
    "input_audio_buffer.speech_started": "started",
    "input_audio_buffer.speech_stopped": "stopped",
    "input_audio_buffer.committed": "committed",
    "response.created": "created",
}


def heard(seen: Evidence) -> Finding:
    """Judge whether sound of 16 kHz is understood."""
    words, talk = sentence(KITCHEN)[0], _first_turn(seen)
    if is_understood(talk.heard, words):
        return agrees(f"“{talk.heard}”")
    is_noticed = bool(talk.of("input_audio_buffer.speech_started"))
    told = f"“{talk.heard}”" if talk.heard else "no words" if is_noticed else "no speech was noticed"
    other = seen.talks["faster"].heard
    if is_understood(other, words):
        return differs(f"{told}; of 24 kHz “{other}”")
    return contradicts(f"{told}; nor of 24 kHz")


def burst(seen: Evidence) -> Finding:
    """Judge whether sound that comes faster than life, with silence behind it, makes a turn."""
    talk = _first_turn(seen)
    spoken = [frame for frame in talk.frames if frame.is_ours and frame.event["type"].endswith(".append")]
    if not talk.of("response.created"):
        if "faster" in seen.talks:
            raise KeyError("no answer")
        return contradicts("no answer")
    created = next(frame for frame in talk.frames if frame.event.get("type") == "response.created")
    later = [frame for frame in spoken if frame.seconds > spoken[0].seconds + 3]
    return agrees_if(not later, f"answered {created.seconds - spoken[0].seconds:.1f} s after the first sound")


def order(seen: Evidence) -> Finding:
    """Judge the order of what is told about a turn."""
    told = [_ORDER[kind] for kind in _first_turn(seen).kinds if kind in _ORDER]
    if "created" not in told:
        return unanswered(" → ".join(told) or "nothing was told")
    return agrees_if(told == list(_ORDER.values()), " → ".join(told))


def statuses(seen: Evidence) -> Finding:
    """Judge the status of transcripts."""
    told = [str(event.get("status", "missing")) for event in seen.talks["spoken"].of(_TRANSCRIBED)]
    if not told:
        return differs("no transcript") if "faster" not in seen.talks else unanswered("no transcript")
    known = {"completed", "in_progress"}
    return agrees_if(set(told) <= known and "completed" in told, ", ".join(dict.fromkeys(told)))


def sound(seen: Evidence) -> Finding:
    """Judge in which events sound comes."""
    talk = seen.talks["spoken"]
    kinds = sorted({event["type"] for event in talk.sounds})
    if talk.binary_frames:
        return differs(f"{talk.binary_frames} binary frames, {', '.join(kinds) or 'no events'}")
    if not kinds:
        return contradicts("no sound") if "faster" not in seen.talks else unanswered("no sound")
    return agrees_if(kinds == ["response.output_audio.delta"], f"{', '.join(kinds)}; {talk.received_s:.1f} s")


def call(seen: Evidence) -> Finding:
    """Judge whether a function is called by voice, and its result answered."""
    talk = _until(seen, "thanks")
    answered = seen.talks["spoken"].frames[seen.marks["answered"] : seen.marks["thanks"]]
    made = [f"{event.get('name')}({event.get('arguments')})" for event in talk.calls]
    if not any(TURN_ON in one and LIGHT in one for one in made):
        return contradicts(", ".join(made) or f"no call, “{talk.said[:40]}”")
    said = Talk(frames=answered).said
    return needed(bool(said), f"called, then “{said[:40]}”")


def preamble(seen: Evidence) -> Finding:
    """Judge whether something is said before a call."""
    talk = _until(seen, "answered")
    if not talk.calls:
        return unanswered("there was no call")
    return agrees_if(not talk.said, f"“{talk.said[:50]}”" if talk.said else "nothing is said before")


def memory(seen: Evidence) -> Finding:
    """Judge whether an earlier spoken turn is known."""
    talk = seen.talks["spoken"].since(seen.marks["memory"])
    made = [f"{event.get('name')}({event.get('arguments')})" for event in talk.calls]
    is_known = any(TURN_OFF in one and LIGHT in one for one in made)
    return agrees_if(is_known, ", ".join(made) or f"no call, “{talk.said[:50]}”" + ("" if talk.said else " no words"))


def billable(seen: Evidence) -> Finding:
    """Judge what is told of the seconds that are billed, against those that we count."""
    talk = seen.talks["spoken"]
    told = [(event.get("usage") or {}).get("billable_audio_seconds") for event in talk.of("response.done")]
    if not told:
        return unanswered("no response.done")
    counted = f"sent {talk.sent_s:.1f}, received {talk.received_s:.1f}, open {talk.open_s:.1f}"
    last = told[-1]
    if not last:
        return differs(f"{'missing' if last is None else last}; {counted}")
    counts = {"sent + received": talk.sent_s + talk.received_s, "received": talk.received_s, "open": talk.open_s}
    nearest = min(counts, key=lambda name: abs(counts[name] - last))
    is_covered = last <= counts["sent + received"] + 1
    return agrees_if(is_covered, f"{last} told, nearest to {nearest}; {counted}")


def metadata(seen: Evidence) -> Finding:
    """Judge whether the marks of a response come back."""
    talk = seen.talks["written"]
    told = {
        kind: talk.first(kind)["response"].get("metadata") == MARK for kind in ("response.created", "response.done")
    }
    return agrees_if(all(told.values()), ", ".join(f"{kind} {_yes(there)}" for kind, there in told.items()))


def written(seen: Evidence) -> Finding:
    """Judge whether a written item is answered by voice."""
    talk = seen.talks["written"]
    said = Talk(frames=talk.frames[: seen.marks["truncate"]]).said
    return needed("lighthouse" in said.lower(), f"“{said[:40]}”")


def truncate(seen: Evidence) -> Finding:
    """Judge what comes of shortening an answer."""
    return _edited(seen, "truncate", "delete", "conversation.item.truncated")


def delete(seen: Evidence) -> Finding:
    """Judge what comes of deleting an item."""
    return _edited(seen, "delete", "forced", "conversation.item.deleted")


def delete_during_update(seen: Evidence) -> Finding:
    """Judge what comes of deleting an item right before an update."""
    talk = seen.talks["written"].since(seen.marks["delete during update"])
    if talk.of("conversation.item.deleted"):
        return agrees_if(bool(talk.of("session.updated")), "done")
    return differs(f"refused: {talk.complaint}" if talk.errors else "no answer")


def system_item(seen: Evidence) -> Finding:
    """Judge whether a system item is heeded; we send none."""
    talk = seen.talks["written"]
    said = Talk(frames=talk.frames[seen.marks["system"] : seen.marks["delete during update"]]).said
    return agrees_if(tells_time(said), f"“{said[:50]}”" if said else "no words")


def forced(seen: Evidence) -> Finding:
    """Judge whether a forced sentence is spoken word by word."""
    whole = seen.talks["written"]
    talk = Talk(frames=whole.frames[seen.marks["forced"] : seen.marks["system"]])
    if not talk.said:
        return contradicts(talk.complaint or "not spoken")
    return agrees_if(words_of(talk.said) == words_of(FORCED), f"“{talk.said[:50]}”")


def _edited(seen: Evidence, begin: str, end: str, kind: str) -> Finding:
    """Judge what comes of a change to an item."""
    talk = seen.talks["written"]
    part = Talk(frames=talk.frames[seen.marks[begin] : seen.marks[end]])
    if part.of(kind):
        return agrees_if(True, "done")
    return differs(f"refused: {part.complaint}" if part.errors else "no answer")


def _first_turn(seen: Evidence) -> Talk:
    """Give the first spoken turn, up to the end of its first response."""
    return _until(seen, "answered")


def _until(seen: Evidence, mark: str) -> Talk:
    """Give the talk from its first turn up to a mark."""
    talk = seen.talks["spoken"]
    end = seen.marks.get(mark, len(talk.frames))
    return Talk(frames=talk.frames[seen.marks["order"] : end], close_code=talk.close_code)


def _yes(there: bool) -> str:  # noqa: FBT001 - the fact itself
    """Tell a fact."""
    return "yes" if there else "no"
