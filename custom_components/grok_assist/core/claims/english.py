"""The words of English orders and claims."""

from typing import Final

from .actions import Action
from .language import Language

ENGLISH: Final = Language(
    orders={
        Action.ON: "activate enable illuminate arm brew",
        Action.OFF: "deactivate disable disarm kill extinguish",
        Action.OPEN: "open unshut",
        Action.CLOSE: "close shut",
        Action.LOCK: "lock bolt secure",
        Action.UNLOCK: "unlock unbolt",
        Action.SET: "set dim brighten adjust change make bring",
        Action.RAISE: "raise increase lift boost warm heat",
        Action.LOWER: "lower decrease reduce dim drop cool",
        Action.PLAY: "play resume unpause continue",
        Action.PAUSE: "pause",
        Action.NEXT: "skip next",
        Action.MUTE: "mute",
        Action.UNMUTE: "unmute",
        Action.START: "start begin launch run trigger create schedule clean mop sweep",
        Action.STOP: "stop halt cancel end abort",
        Action.SEND: "send return dock",
        Action.ADD: "add put append",
        Action.REMOVE: "remove delete cancel clear erase",
    },
    done={
        Action.ON: "activated activating enabled enabling illuminated armed arming brewing shining glowing lit getting",
        Action.OFF: "deactivated deactivating disabled disabling disarmed disarming killing killed",
        Action.OPEN: "opened opening lifted lifting raised raising",
        Action.CLOSE: "closed closing shut shutting pulled lowered lowering",
        Action.LOCK: "locked locking bolted secured securing",
        Action.UNLOCK: "unlocked unlocking unsecured unsecuring",
        Action.SET: "set setting dimmed dimming brightened brightening adjusted adjusting changed changing made making"
        " bumped cranked nudged",
        Action.RAISE: "raised raising increased increasing lifted lifting boosted boosting brightened brightening",
        Action.LOWER: "lowered lowering decreased decreasing reduced reducing dimmed dimming dropped",
        Action.PLAY: "playing resumed resuming unpaused continuing started",
        Action.PAUSE: "paused pausing pause",
        Action.NEXT: "skipped skipping",
        Action.MUTE: "muted muting",
        Action.UNMUTE: "unmuted unmuting",
        Action.START: "started starting begun launched launching triggered triggering created scheduled cleaning"
        " ticking counting vacuuming mopping running",
        Action.STOP: "stopped stopping halted halting cancelled canceled cancelling canceling ended killed gone",
        Action.SEND: "sent sending returned returning docked docking heading",
        Action.ADD: "added adding put putting",
        Action.REMOVE: "removed removing deleted deleting cancelled canceled cleared clearing",
    },
    carriers="change turn switch put flip get shut power keep take bring move",
    carried="turned turning switched switching put putting flipped flipping powered powering brought popped got pulled"
    " shutting popping pulling getting killed shut",
    particles={
        Action.ON: "on",
        Action.OFF: "off out",
        Action.UNMUTE: "unmute",
        Action.RAISE: "up warmer higher louder brighter",
        Action.LOWER: "down lower cooler quieter darker",
        Action.CLOSE: "down shut closed",
        Action.OPEN: "up open",
    },
    states={
        Action.OPEN: "open",
        Action.CLOSE: "closed shut",
        Action.LOCK: "locked secure",
        Action.UNLOCK: "unlocked",
        Action.SET: "dimmed red green blue white yellow orange purple pink",
        Action.ON: "active lit",
        Action.OFF: "inactive dark",
        Action.START: "running cleaning underway",
        Action.SEND: "back",
        Action.ADD: "list",
    },
    copulas="is are s re been being go goes be",
    bare="done care",
    around_bare="ok okay sure alright right yes all it that s is everything great now for you consider got there we go"
    " certainly of course mission taken i ve have has been yep",
    denials="not t never nothing none no cannot unable already still yet by since ago earlier yesterday noon midnight"
    " something somebody someone morning afternoon offline unavailable unreachable seems seem looks appears wait"
    " until before without should would could can may might must shall ready",
    refusals="t not cannot couldn unable failed unfortunately didn haven",
    calming="problem worries",
    conditions="if when whenever once unless whether while until who",
    promises="ll will let",
    questions="what which who whose where when why how is are was were do does did has have had am should shall may"
    " will would could can whats hows any status",
    requests="can-you could-you would-you will-you please-can please-could can-we could-we",
    talk="tell explain write translate search show say describe imagine check find give list count calculate help"
    " whether remind read sing name look recommend suggest compare summarise summarize define spell think pretend act"
    " guess know see solve book cast",
    statements="status is are was were has have had i we he she they isn aren s am been m ve did does do",
    subjects={
        "timer": "timer timers countdown reminder reminders alarm alarms wake",
        "todo": "list lists",
        "media_player": "volume sound media film movie show playback track song music episode",
        "light": "brightness",
        "climate": "temperature temp heating heat",
        "scene": "scene",
        "script": "routine script",
        "": "everything",
    },
    pronouns="it them that this those these both",
    too="and too also",
    glue="by a now again for too as in and to please right then at immediately it",
    yes="yes yeah yep yup please ok okay sure do it go ahead thanks that would be great of course absolutely",
)
