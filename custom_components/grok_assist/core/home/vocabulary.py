"""What people call kinds of devices, beside the names that Home Assistant's own translations have."""

from collections.abc import Mapping
from typing import Final

from ..words import words_of
from .context import Kind

# Domain, or domain and class, by language: everyday words that Home Assistant's names of kinds lack.
EVERYDAY_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "light": "light lights lamp lamps bulb bulbs lighting",
        "cover": "blind blinds shutter shutters curtain curtains shade shades gate",
        "climate": "heating thermostat radiator radiators heater aircon",
        "media_player": "music tv television speaker speakers radio song",
        "sensor.temperature": "temperature warm warmer warmest cold coldest hot hottest degrees",
        "sensor.humidity": "humid humidity damp",
        "sensor.power": "watts consumption electricity",
        "sensor.battery": "battery batteries",
        "lock": "lock locks locked unlocked",
        "binary_sensor.window": "window windows",
        "binary_sensor.door": "door doors",
        "cover.garage": "garage",
        "binary_sensor.motion": "motion movement",
        "vacuum": "vacuum hoover robot",
        "person": "home somebody anybody anyone everyone",
        "weather": "weather rain raining sunny forecast outside",
        "alarm_control_panel": "alarm armed",
        "switch": "switches plug plugs socket sockets",
        "fan": "fan fans ventilation",
    },
    "de": {
        "light": "licht lichter lampe lampen leuchte beleuchtung",
        "cover": "rollladen rolladen rollo rollos jalousie jalousien vorhang vorhange markise tor",
        "climate": "heizung heizkorper thermostat klimaanlage",
        "media_player": "musik fernseher lautsprecher radio lied",
        "sensor.temperature": "temperatur warm warmer warmsten kalt kaltesten heiss grad",
        "sensor.humidity": "luftfeuchtigkeit feucht feuchtigkeit",
        "sensor.power": "watt verbrauch strom stromverbrauch",
        "sensor.battery": "batterie batterien akku",
        "lock": "schloss schlosser abgeschlossen verriegelt",
        "binary_sensor.window": "fenster",
        "binary_sensor.door": "tur turen",
        "cover.garage": "garage garagentor",
        "binary_sensor.motion": "bewegung",
        "vacuum": "staubsauger saugroboter",
        "person": "zuhause jemand daheim",
        "weather": "wetter regen regnet draussen",
        "alarm_control_panel": "alarm alarmanlage scharf",
        "switch": "schalter steckdose steckdosen",
        "fan": "ventilator lufter luftung",
    },
    "fr": {
        "light": "lumiere lumieres lampe lampes ampoule ampoules eclairage",
        "cover": "volet volets store stores rideau rideaux portail",
        "climate": "chauffage thermostat radiateur climatisation",
        "media_player": "musique television tele enceinte",
        "sensor.temperature": "temperature chaud froid degres",
        "sensor.humidity": "humidite humide",
        "lock": "serrure verrouille",
        "binary_sensor.window": "fenetre fenetres",
        "binary_sensor.door": "porte portes",
        "vacuum": "aspirateur",
        "weather": "meteo pluie pleut dehors",
        "alarm_control_panel": "alarme",
        "switch": "prise prises interrupteur",
        "fan": "ventilateur",
    },
    "es": {
        "light": "luz luces lampara lamparas bombilla bombillas",
        "cover": "persiana persianas cortina cortinas toldo",
        "climate": "calefaccion termostato radiador aire",
        "media_player": "musica television tele altavoz",
        "sensor.temperature": "temperatura calor frio grados",
        "sensor.humidity": "humedad",
        "lock": "cerradura cerrojo",
        "binary_sensor.window": "ventana ventanas",
        "binary_sensor.door": "puerta puertas",
        "vacuum": "aspiradora",
        "weather": "tiempo lluvia llueve",
        "alarm_control_panel": "alarma",
        "switch": "enchufe enchufes interruptor",
        "fan": "ventilador",
    },
    "it": {
        "light": "luce luci lampada lampade",
        "cover": "tapparella tapparelle tenda tende persiana",
        "climate": "riscaldamento termostato condizionatore",
        "media_player": "musica televisione tv",
        "sensor.temperature": "temperatura caldo freddo gradi",
        "sensor.humidity": "umidita",
        "lock": "serratura",
        "binary_sensor.window": "finestra finestre",
        "binary_sensor.door": "porta porte",
        "vacuum": "aspirapolvere",
        "weather": "tempo pioggia piove",
        "alarm_control_panel": "allarme",
        "switch": "presa prese interruttore",
        "fan": "ventilatore",
    },
    "nl": {
        "light": "licht lichten lamp lampen verlichting",
        "cover": "rolluik rolluiken gordijn gordijnen zonwering",
        "climate": "verwarming thermostaat airco",
        "media_player": "muziek televisie tv speaker",
        "sensor.temperature": "temperatuur warm koud graden",
        "sensor.humidity": "luchtvochtigheid vochtig",
        "lock": "slot sloten",
        "binary_sensor.window": "raam ramen",
        "binary_sensor.door": "deur deuren",
        "vacuum": "stofzuiger",
        "weather": "weer regen regent buiten",
        "alarm_control_panel": "alarm",
        "switch": "schakelaar stopcontact",
        "fan": "ventilator",
    },
}
# A door may be a contact, a cover or a lock; whoever asks for one means them all.
BROADER: Final[Mapping[str, tuple[str, ...]]] = {
    "binary_sensor.door": ("cover.door", "cover.garage", "cover.gate", "lock", "binary_sensor.garage_door"),
    "binary_sensor.window": ("cover.window", "binary_sensor.opening"),
    "cover.garage": ("binary_sensor.garage_door",),
    "sensor.temperature": ("climate",),
    "binary_sensor.motion": ("binary_sensor.occupancy", "binary_sensor.presence"),
    "person": ("device_tracker",),
}


def kinds_of(language: str, translations: Mapping[str, str]) -> tuple[Kind, ...]:
    """Write the words for kinds of one language.

    Args:
        language: a tag such as "en" or "de-CH"; one without everyday words has Home Assistant's only.
        translations: Home Assistant's, category `entity_component`, flat.
    """
    words: dict[tuple[str, ...], set[str]] = {}
    for key, text in translations.items():
        match key.split("."):
            case ["component", domain, "entity_component", device_class, "name"]:
                kind = domain if device_class == "_" else f"{domain}.{device_class}"
                if kind not in ("sensor", "binary_sensor") and (name := words_of(text)):
                    words.setdefault(name, set()).add(kind)
    for kind, text in EVERYDAY_WORDS.get(language.partition("-")[0].lower(), {}).items():
        for word in text.split():
            words.setdefault((word,), set()).add(kind)
    return tuple(
        Kind(words=name, domain=domain, device_class=device_class or None)
        for name, kinds in sorted(words.items())
        for kind in sorted(kinds.union(*(BROADER.get(kind, ()) for kind in kinds)))
        for domain, _, device_class in (kind.partition("."),)
    )
