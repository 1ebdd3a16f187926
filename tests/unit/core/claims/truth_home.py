"""One sample home in six languages, and how the truth check judges an answer in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from custom_components.grok_assist.core.claims.actions import Order
from custom_components.grok_assist.core.claims.aims import aim
from custom_components.grok_assist.core.claims.orders import Said, find_wish
from custom_components.grok_assist.core.claims.outcome import Seen, is_shown
from custom_components.grok_assist.core.home.context import HomeIndex
from custom_components.grok_assist.core.home.inventory import Entity
from custom_components.grok_assist.core.home.vocabulary import kinds_of

LISTS: Final = Path(__file__).parent / "truth_lists"
LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl")
_AREAS: Final = {
    "kitchen": "Kitchen|Küche|Cuisine|Cocina|Cucina|Keuken",
    "living": "Living room|Wohnzimmer|Salon|Salón|Soggiorno|Woonkamer",
    "bedroom": "Bedroom|Schlafzimmer|Chambre|Dormitorio|Camera|Slaapkamer",
    "office": "Office|Büro|Bureau|Despacho|Studio|Kantoor",
    "garage": "Garage|Garage|Garage|Garaje|Garage|Garage",
    "hall": "Hall|Flur|Entrée|Entrada|Ingresso|Gang",
    "bath": "Bathroom|Bad|Salle de bain|Baño|Bagno|Badkamer",
}
# Entity, class, area and the names in the languages' order.
_ENTITIES: Final = (
    (
        "light.kitchen",
        "",
        "kitchen",
        "Kitchen light|Küchenlicht|Lumière de la cuisine|Luz de la cocina|Luce della cucina|Keukenlamp",
    ),
    (
        "light.bedroom",
        "",
        "bedroom",
        "Bedroom lamp|Schlafzimmerlampe|Lampe de la chambre|Lámpara del dormitorio|Lampada della camera|Slaapkamerlamp",
    ),
    (
        "light.living",
        "",
        "living",
        "Living room lamp|Wohnzimmerlampe|Lampe du salon|Lámpara del salón|Lampada del soggiorno|Woonkamerlamp",
    ),
    (
        "light.desk",
        "",
        "office",
        "Desk light|Schreibtischlampe|Lampe de bureau|Luz del escritorio|Luce della scrivania|Bureaulamp",
    ),
    (
        "cover.blinds",
        "shutter",
        "living",
        (
            "Living room blinds|Rollladen Wohnzimmer|Volets du salon|"
            "Persianas del salón|Tapparella del soggiorno|Rolluik woonkamer"
        ),
    ),
    (
        "cover.curtain",
        "curtain",
        "bedroom",
        (
            "Bedroom curtain|Vorhang Schlafzimmer|Rideau de la chambre|"
            "Cortina del dormitorio|Tenda della camera|Gordijn slaapkamer"
        ),
    ),
    (
        "cover.garage",
        "garage",
        "garage",
        "Garage door|Garagentor|Porte du garage|Puerta del garaje|Porta del garage|Garagedeur",
    ),
    ("lock.front", "", "hall", "Front door|Haustür|Porte d'entrée|Puerta principal|Porta d'ingresso|Voordeur"),
    (
        "climate.living",
        "",
        "living",
        (
            "Living room thermostat|Thermostat Wohnzimmer|Thermostat du salon|"
            "Termostato del salón|Termostato del soggiorno|Thermostaat woonkamer"
        ),
    ),
    (
        "climate.bath",
        "",
        "bath",
        (
            "Bathroom heating|Heizung Bad|Chauffage de la salle de bain|"
            "Calefacción del baño|Riscaldamento del bagno|Verwarming badkamer"
        ),
    ),
    ("media_player.tv", "tv", "living", "TV|Fernseher|Télé|Tele|TV|TV"),
    (
        "media_player.speaker",
        "speaker",
        "kitchen",
        (
            "Kitchen speaker|Küchenlautsprecher|Enceinte de la cuisine|"
            "Altavoz de la cocina|Altoparlante della cucina|Keukenspeaker"
        ),
    ),
    (
        "vacuum.robot",
        "",
        "hall",
        "Robot vacuum|Saugroboter|Aspirateur robot|Robot aspirador|Robot aspirapolvere|Robotstofzuiger",
    ),
    (
        "fan.bedroom",
        "",
        "bedroom",
        (
            "Bedroom fan|Ventilator Schlafzimmer|Ventilateur de la chambre|"
            "Ventilador del dormitorio|Ventilatore della camera|Ventilator slaapkamer"
        ),
    ),
    (
        "switch.coffee",
        "outlet",
        "kitchen",
        "Coffee machine|Kaffeemaschine|Machine à café|Cafetera|Macchina del caffè|Koffiezetapparaat",
    ),
    (
        "switch.plug",
        "outlet",
        "office",
        (
            "Printer plug|Steckdose Drucker|Prise de l'imprimante|"
            "Enchufe de la impresora|Presa della stampante|Stekker printer"
        ),
    ),
    (
        "sensor.living_temperature",
        "temperature",
        "living",
        (
            "Living room temperature|Temperatur Wohnzimmer|Température du salon|"
            "Temperatura del salón|Temperatura del soggiorno|Temperatuur woonkamer"
        ),
    ),
    (
        "sensor.bath_humidity",
        "humidity",
        "bath",
        (
            "Bathroom humidity|Luftfeuchtigkeit Bad|Humidité de la salle de bain|"
            "Humedad del baño|Umidità del bagno|Luchtvochtigheid badkamer"
        ),
    ),
    (
        "binary_sensor.bath_window",
        "window",
        "bath",
        "Bathroom window|Badfenster|Fenêtre de la salle de bain|Ventana del baño|Finestra del bagno|Badkamerraam",
    ),
    ("alarm_control_panel.home", "", "hall", "Alarm|Alarmanlage|Alarme|Alarma|Allarme|Alarm"),
    ("scene.movie", "", "living", "Movie night|Filmabend|Soirée cinéma|Noche de cine|Serata film|Filmavond"),
    (
        "todo.shopping",
        "",
        "",
        "Shopping list|Einkaufsliste|Liste de courses|Lista de la compra|Lista della spesa|Boodschappenlijst",
    ),
    ("person.anna", "", "", "Anna|Anna|Anna|Anna|Anna|Anna"),
    ("weather.home", "", "", "Home weather|Wetter zu Hause|Météo|El tiempo|Meteo|Weer thuis"),
)
_USUAL: Final = {
    "light.kitchen": "off",
    "light.bedroom": "off",
    "light.living": "on:100",
    "light.desk": "off",
    "cover.blinds": "open",
    "cover.curtain": "closed",
    "cover.garage": "closed",
    "lock.front": "locked",
    "climate.living": "heat:21",
    "climate.bath": "off",
    "media_player.tv": "off",
    "media_player.speaker": "playing",
    "vacuum.robot": "docked",
    "fan.bedroom": "off",
    "switch.coffee": "off",
    "switch.plug": "on",
    "sensor.living_temperature": "20.5",
    "sensor.bath_humidity": "55",
    "binary_sensor.bath_window": "off",
    "alarm_control_panel.home": "disarmed",
    "scene.movie": "unknown",
    "todo.shopping": "3",
    "person.anna": "home",
    "weather.home": "cloudy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer of a list, with what it answers and the home that it is given in."""

    language: str
    said: Said
    answer: str
    home: Mapping[str, str]
    source: str


def rows(path: Path) -> Sequence[Row]:
    """Read a list."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return [_row(*line.split("\t")) for line in lines]


def _row(language: str, earlier: str, user: str, answer: str, states: str, source: str) -> Row:
    """Read one line of a list."""
    before, _, former = earlier.partition(" // ")
    changed = dict(state.split("=") for state in states.split(";") if state)
    return Row(
        language=language,
        said=Said(now=user, before=before, answer=former),
        answer=answer,
        home=_USUAL | changed,
        source=source,
    )


def is_corrected(row: Row) -> bool:
    """Whether the answer of a row would be corrected, no tool having done anything."""
    wish = find_wish(row.said, row.language)
    aimed = None if wish is None else aim(wish, index(row.language), room="", language=row.language)
    if aimed is None:
        return False
    return not all(
        any(_shows(row, order, entity_ids) for order, entity_ids in claim.outcomes)
        for claim in aimed.claims(row.answer)
    )


def _shows(row: Row, order: Order, entity_ids: Sequence[str]) -> bool:
    """Whether the home of a row shows what an order leads to."""
    return is_shown(order, [seen(entity_id, row.home[entity_id]) for entity_id in entity_ids])


def seen(entity_id: str, written: str) -> Seen:
    """Read a state, with the number that was set behind a colon."""
    domain = entity_id.partition(".")[0]
    state, _, number = written.partition(":")
    attributes: dict[str, object] = {}
    if number and domain == "light":
        attributes["brightness"] = round(float(number) * 2.55)
    elif domain == "media_player":
        attributes["volume_level"] = 0.4
    elif number:
        attributes["temperature"] = float(number)
    return Seen(domain=domain, state=state, attributes=attributes)


@cache
def index(language: str) -> HomeIndex:
    """Index the home with its names in one language."""
    place = LANGUAGES.index(language)
    entities = [
        Entity(
            entity_id=entity_id,
            names=(names.split("|")[place],),
            area=_AREAS[area].split("|")[place] if area else "",
            device_class=device_class,
        )
        for entity_id, device_class, area, names in _ENTITIES
    ]
    return HomeIndex(entities, kinds_of(language, {}))
