"""Sentences about players, vacuums, timers, lists and announcements."""

import re
from typing import Final

from ..jsontypes import Json, JsonObject
from .devices import joined
from .scene import Rule, Scene, Step
from .tools import parsed

_PLAYER: Final = "media_player"
_COUNTS: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10, "half an": 0.5}
_LENGTH: Final = r"(?P<count>\d+|half an|an?|one|two|three|four|five|ten)[ -](?P<unit>second|minute|hour)s?"
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600}


def _player_slots(scene: Scene, phrase: str | None) -> JsonObject:
    """Give the arguments for a named player, else for whichever plays."""
    target = scene.target(phrase, _PLAYER) if phrase else None
    return target.slots if target else {}


def _transport(match: re.Match[str], scene: Scene) -> Step | None:
    """Pause, resume, skip."""
    word = match["verb"].lower()
    tool, done = next(entry for start, entry in _TRANSPORT.items() if word.startswith(start))
    return scene.act(tool, _player_slots(scene, match.groupdict().get("what")), done, verb=word)


def _volume_step(match: re.Match[str], scene: Scene) -> Step | None:
    """Louder or quieter."""
    word = match[0].lower()
    step = "up" if re.search(r"\b(up|louder|raise|increase)\b", word) else "down"
    slots = _player_slots(scene, match.groupdict().get("what"))
    return scene.act(
        "HassSetVolumeRelative", {**slots, "volume_step": step}, f"Volume {step}.", verb="change the volume"
    )


def _mute(match: re.Match[str], scene: Scene) -> Step | None:
    """Mute or unmute."""
    is_mute = match["verb"].lower() == "mute"
    tool = "HassMediaPlayerMute" if is_mute else "HassMediaPlayerUnmute"
    slots = _player_slots(scene, match["what"])
    return scene.act(tool, {**slots, "is_volume_muted": is_mute}, "Muted." if is_mute else "Unmuted.", verb="mute")


def _play(match: re.Match[str], scene: Scene) -> Step | None:
    """Search for something to play, then play the first result."""
    target = scene.target(match["where"] or "player", _PLAYER)
    player = {"player_name": target.name} if target and target.name else {}
    verb = f"play {match['title']}"
    call = scene.toolbox.call("search_media", {"search_query": match["title"], **player})
    if call is None:
        return scene.act(
            "HassMediaSearchAndPlay", {"search_query": match["title"]}, f"Playing {match['title']}.", verb=verb
        )
    output = scene.result_of(call)
    if output is None:
        return call
    found = parsed(output)
    results = found.get("results", ()) if isinstance(found, dict) else ()
    if not results:
        return f"I found nothing to play for {match['title']}."
    best: JsonObject = results[0]
    arguments = {key: best.get(key, "") for key in ("media_content_id", "media_content_type")}
    return scene.act("play_media", {**arguments, **player}, f"Playing {best.get('title', match['title'])}.", verb=verb)


def _vacuum(match: re.Match[str], scene: Scene) -> Step | None:
    """Start a vacuum, send it home, or have it clean a room."""
    target = scene.target("vacuum", "vacuum")
    slots = target.slots if target else {}
    if re.search(r"\b(dock|base|home|back|stop)\b", match.string, re.IGNORECASE):
        return scene.act(
            "HassVacuumReturnToBase", slots, "The vacuum goes back to its base.", verb="send the vacuum home"
        )
    return scene.act("HassVacuumStart", slots, "The vacuum starts.", verb="start the vacuum")


def _clean(match: re.Match[str], scene: Scene) -> Step | None:
    """Have a room cleaned."""
    area = next((area for area in scene.home.areas if area.lower() in match["what"].lower()), None)
    if area is None:
        return None
    return scene.act("HassVacuumCleanArea", {"area": area}, f"The vacuum cleans {area}.", verb=f"clean {area}")


def _timer(match: re.Match[str], scene: Scene) -> Step | None:
    """Start a timer, with a name if it was given one."""
    name = match["name"].strip() if match["name"] else None
    arguments = _duration(match) | ({"name": name} if name else {})
    label = f"{match['count']} {match['unit']}"
    return scene.act("HassStartTimer", arguments, f"Timer set for {label}s.", verb="start timers here")


def _timer_control(match: re.Match[str], scene: Scene) -> Step | None:
    """Cancel, pause or resume a timer."""
    word = match["verb"].lower()
    if word in {"cancel", "stop", "delete"} and match["all"]:
        return scene.act("HassCancelAllTimers", {}, "All timers are cancelled.", verb="cancel timers")
    tool, done = _TIMER_CONTROL[word]
    name = {"name": match["name"].strip()} if match["name"] else {}
    return scene.act(tool, name, done, verb=f"{word} timers here")


def _timer_change(match: re.Match[str], scene: Scene) -> Step | None:
    """Give a timer more time or less."""
    is_more = match["verb"].lower() in {"add", "increase"}
    tool = "HassIncreaseTimer" if is_more else "HassDecreaseTimer"
    return scene.act(tool, _duration(match), "The timer is changed.", verb="change timers here")


def _timer_status(_: re.Match[str], scene: Scene) -> Step | None:
    """Tell how long the timers still run."""
    return scene.act("HassTimerStatus", {}, _told_timers, verb="look at timers here")


def _told_timers(result: Json) -> str:
    """Give the timers of a result in words."""
    timers = result.get("speech_slots", {}).get("timers", []) if isinstance(result, dict) else []
    if not timers:
        return "There is no timer."
    lefts = [
        f"{timer.get('name') or 'a timer'} has {timer.get('total_seconds_left', '?')} seconds left" for timer in timers
    ]
    return f"{joined(lefts)}.".capitalize()


def _list_change(match: re.Match[str], scene: Scene) -> Step | None:
    """Add one item to a list, take one off or tick one off."""
    name = _list_name(scene, match["list"])
    tool, done, verb = next(entry for start, entry in _LIST_CHANGE.items() if match["verb"].lower().startswith(start))
    item = match["item"].strip()
    return scene.act(tool, {"item": item, "name": name}, f"{done.format(item=item)} {name}.", verb=f"{verb} list items")


def _list_query(match: re.Match[str], scene: Scene) -> Step | None:
    """Read a list out."""
    name = _list_name(scene, match["list"])
    return scene.act("get_items", {"todo_list": name}, lambda result: _told_items(name, result), verb="read lists")


def _told_items(name: str, result: Json) -> str:
    """Give the items of a list in words."""
    items = [item["summary"] for item in result.get("items", ())] if isinstance(result, dict) else []
    return f"On {name}: {joined(items)}." if items else f"There is nothing on {name}."


def _list_name(scene: Scene, words: str) -> str:
    """Give the name of the list that is meant."""
    target = scene.target(f"{words} list", "todo") or scene.target(words, "todo")
    return target.name if target and target.name else f"{words.strip().title()} list"


def _broadcast(match: re.Match[str], scene: Scene) -> Step | None:
    """Announce a message in the whole home."""
    return scene.act("HassBroadcast", {"message": match["message"]}, "Announced.", verb="announce messages")


def _duration(match: re.Match[str]) -> JsonObject:
    """Give a spoken length of time as whole hours, minutes or seconds."""
    said = match["count"].lower()
    count = _COUNTS.get(said) or int(said)
    unit = match["unit"].lower()
    if isinstance(count, int):
        return {f"{unit}s": count}
    return {"minutes" if unit == "hour" else "seconds": int(count * _SECONDS[unit] / (60 if unit == "hour" else 1))}


_TRANSPORT: Final = {
    "pause": ("HassMediaPause", "Paused."),
    "stop": ("HassMediaPause", "Paused."),
    "resume": ("HassMediaUnpause", "Playing again."),
    "continue": ("HassMediaUnpause", "Playing again."),
    "play": ("HassMediaUnpause", "Playing again."),
    "next": ("HassMediaNext", "Next one."),
    "skip": ("HassMediaNext", "Next one."),
    "previous": ("HassMediaPrevious", "The one before."),
}
_TIMER_CONTROL: Final = {
    "cancel": ("HassCancelTimer", "The timer is cancelled."),
    "stop": ("HassCancelTimer", "The timer is cancelled."),
    "delete": ("HassCancelTimer", "The timer is cancelled."),
    "pause": ("HassPauseTimer", "The timer is paused."),
    "resume": ("HassUnpauseTimer", "The timer runs again."),
}
_LIST_CHANGE: Final = {
    "add": ("HassListAddItem", "Added {item} to", "add"),
    "put": ("HassListAddItem", "Added {item} to", "add"),
    "remove": ("HassListRemoveItem", "Removed {item} from", "remove"),
    "delete": ("HassListRemoveItem", "Removed {item} from", "remove"),
    "check": ("HassListCompleteItem", "Ticked off {item} on", "complete"),
    "complete": ("HassListCompleteItem", "Ticked off {item} on", "complete"),
}

SERVICE_RULES: Final[tuple[Rule, ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), act)
    for pattern, act in (
        (rf"^(?:set|start|create) (?:an? )?timer (?:for|of) {_LENGTH}(?: (?:for|called|named) (?P<name>.+))?$", _timer),
        (rf"^(?:set|start|create)?(?: ?an?)? ?{_LENGTH} timer(?: (?:for|called|named) (?P<name>.+))?$", _timer),
        (rf"^(?P<verb>add|increase|remove|take) {_LENGTH} (?:to|from|off) .*timer$", _timer_change),
        (
            r"^(?P<verb>cancel|stop|delete|pause|resume) (?P<all>all )?(?:the |my )?(?P<name>[\w ]+ )?timers?$",
            _timer_control,
        ),
        (r"\b(?:time|long)\b.*\b(?:left|timer|remain)|^(?:what|how).*\btimers?\b", _timer_status),
        (r"^(?P<verb>add|put) (?P<item>.+?) (?:to|on|onto) (?:the |my )?(?P<list>[\w -]+?) ?list$", _list_change),
        (r"^(?P<verb>remove|delete) (?P<item>.+?) from (?:the |my )?(?P<list>[\w -]+?) ?list$", _list_change),
        (
            r"^(?P<verb>check off|complete) (?P<item>.+?) (?:on|from) (?:the |my )?(?P<list>[\w -]+?) ?list$",
            _list_change,
        ),
        (r"^(?:what|read).*? (?:the |my )?(?P<list>[\w-]+) list$", _list_query),
        (r"^(?:announce|broadcast)(?: that)? (?P<message>.+)$", _broadcast),
        (
            (
                r"^(?P<verb>pause|resume|continue|stop)(?: (?:the )?"
                r"(?:music|playback|song|(?P<what>.*(?:tv|player|speaker|radio).*)))?$"
            ),
            _transport,
        ),
        (
            (
                r"^(?:play |go to |skip to )?(?:the )?(?P<verb>next|previous|skip)"
                r"(?: (?:this )?(?:song|track|one|title))?(?: on (?P<what>.+))?$"
            ),
            _transport,
        ),
        (r"^(?P<verb>play)(?: music)?$", _transport),
        (
            (
                r"^(?:turn|volume|louder|quieter|raise|increase|lower|decrease)\b"
                r".*?\b(?:volume|up|down|louder|quieter)\b(?: on (?P<what>.+))?$|^louder$|^quieter$"
            ),
            _volume_step,
        ),
        (r"^(?P<verb>mute|unmute)(?: (?P<what>.+))?$", _mute),
        (r"^play (?P<title>.+?)(?: (?:on|in) (?P<where>.+))?$", _play),
        (r"^(?:start|send|dock|stop|return)\b.*\b(?:vacuum|hoover|robot)\b", _vacuum),
        (r"^(?:vacuum|clean|hoover) (?P<what>.+)$", _clean),
    )
)
