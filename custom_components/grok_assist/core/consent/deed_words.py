"""Words with which people say again what they were asked to agree to, and those of its opposite; data only.

By the value of the deed; a phrase of several words may be said with others between them. As `words_of` cuts them.
"""

from collections.abc import Mapping
from typing import Final

_OPEN: Final = (
    *("open", "open up", "go ahead and open"),
    *("auf", "mach auf", "mache auf", "machen auf", "offne", "offnen", "aufmachen"),
    *("ouvre", "ouvrez", "ouvrir"),
    *("abre", "abrela", "abrelo", "abrelas", "abrelos", "abra", "abrala", "abralo", "abrir"),
    *("apri", "aprila", "aprilo", "aprile", "aprili", "apra", "aprire"),
    *("openen", "opendoen", "openmaken", "doe open", "maak open", "zet open"),
)
_UNLOCK: Final = (
    *("unlock", "go ahead and unlock"),
    *("aufschliessen", "aufsperren", "schliess auf", "schliesse auf", "sperr auf", "sperre auf", "entriegeln"),
    *("entriegle", "entriegel"),
    *("deverrouille", "deverrouillez", "deverrouiller"),
    *("desbloquea", "desbloqueala", "desbloquealo", "desbloquear"),
    *("sblocca", "sbloccala", "sbloccalo", "sbloccare"),
    *("ontgrendel", "ontgrendelen", "van slot", "van het slot", "haal van slot", "doe van slot"),
)
_ON: Final = (
    *("turn on", "switch on", "put on", "go ahead and turn on"),
    *("an", "ein", "mach an", "mache an", "schalt ein", "schalte ein", "anmachen", "einschalten", "anschalten"),
    *("allume", "allumez", "allumer"),
    *("enciende", "enciendela", "enciendelo", "encender", "prende", "prendela", "prendelo"),
    *("accendi", "accendila", "accendilo", "accendere"),
    *("aan", "aanzetten", "aandoen", "zet aan", "doe aan", "inschakelen"),
)
_OFF: Final = (
    *("turn off", "switch off", "go ahead and turn off"),
    *("aus", "mach aus", "mache aus", "schalt aus", "schalte aus", "ausmachen", "ausschalten"),
    *("eteins", "eteignez", "eteindre", "coupe"),
    *("apaga", "apagala", "apagalo", "apagar"),
    *("spegni", "spegnila", "spegnilo", "spegnere"),
    *("uit", "uitzetten", "uitdoen", "zet uit", "doe uit", "schakel uit", "uitschakelen"),
)
_DISARM: Final = (
    *("disarm", "deactivate", "go ahead and disarm", "unscharf", "schalt unscharf", "mach unscharf", "entscharfen"),
    *("deaktivieren", "deaktiviere", "desarme", "desarmez", "desarmer", "desactive", "desactivez", "desactiver"),
    *("desarma", "desarmala", "desarmar", "desactiva", "desactivala", "desactivar"),
    *("disinserisci", "disinseriscilo", "disinserire", "disattiva", "disattivalo", "disattivare"),
)

DEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "open": _OPEN,
    "unlock": _OPEN + _UNLOCK,
    "disarm": _DISARM + _OFF,
    "turn_on": _ON,
    "turn_off": _OFF,
}

_CLOSE: Final = frozenset(
    (
        *("close", "closed", "shut", "lock", "locked", "relock", "secure"),
        *("zu", "schliess", "schliesse", "schliessen", "ab", "abschliessen", "zuschliessen", "zumachen", "sperr"),
        *("verriegeln", "verriegle"),
        *("ferme", "fermez", "fermer", "fermee", "verrouille", "verrouillez", "verrouiller"),
        *("cierra", "cierrala", "cierralo", "cierre", "cerrar", "cerrada", "bloquea", "bloquear"),
        *("chiudi", "chiudila", "chiudilo", "chiuda", "chiudere", "chiusa", "serra", "serrare", "blocca", "bloccare"),
        *("dicht", "sluit", "sluiten", "slot", "vergrendel", "vergrendelen"),
    )
)
_ARM: Final = frozenset(
    ("arm", "armed", "scharf", "arme", "armer", "arma", "armar", "inserisci", "scherp", "inschakelen")
)

OPPOSITES: Final[Mapping[str, frozenset[str]]] = {
    "open": _CLOSE,
    "unlock": _CLOSE,
    "disarm": _ARM,
    "turn_on": frozenset(("off", "aus", "eteins", "apaga", "spegni", "uit")),
    "turn_off": frozenset(("on", "an", "ein", "allume", "enciende", "accendi", "aan")),
}
"""What is no yes to a deed, be it part of a name ("yes, close the closet"), unless the deed itself is said, too."""
