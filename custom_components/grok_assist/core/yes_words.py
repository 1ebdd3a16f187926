"""Words with which people agree to what they were asked, by language; data only.

Each row is a phrase as `words_of` cuts it: small letters, no accents, apostrophes apart.
"""

from collections.abc import Mapping
from typing import Final

YES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        *("yes", "yeah", "yep", "yup", "yes i do", "yes i am", "sure", "of course", "certainly", "absolutely"),
        *("definitely", "affirmative", "ok", "okay", "alright", "all right", "do it", "do that", "do so", "go ahead"),
        *("go for it", "please do", "yes please", "confirm", "confirmed", "i confirm", "agreed", "correct"),
        *("that s right", "that is right", "i m sure", "i am sure", "you may", "proceed"),
    ),
    "de": (
        *(
            "ja",
            "jawohl",
            "jo",
            "jep",
            "jup",
            "joa",
            "ja bitte",
            "klar",
            "na klar",
            "aber klar",
            "sicher",
            "aber sicher",
        ),
        *("naturlich", "selbstverstandlich", "gern", "gerne", "ja gern", "ja gerne", "genau", "okay", "ok", "mach das"),
        *("mach es", "mach mal", "machen sie das", "tu das", "tu es", "bitte ja", "einverstanden", "bestatigt"),
        *("ich bestatige", "auf jeden fall", "unbedingt", "in ordnung", "jawoll", "passt", "ich bin sicher"),
    ),
    "fr": (
        *("oui", "ouais", "oui s il te plait", "oui s il vous plait", "bien sur", "d accord", "vas y", "allez y", "ok"),
        *("okay", "fais le", "faites le", "volontiers", "certainement", "absolument", "je confirme", "confirme"),
        *("tout a fait", "exactement", "c est bon"),
    ),
    "es": (
        *("si", "si por favor", "claro", "claro que si", "por supuesto", "vale", "de acuerdo", "adelante", "hazlo"),
        *("hagalo", "ok", "okay", "desde luego", "confirmo", "confirmado", "correcto", "exacto", "seguro"),
    ),
    "it": (
        *("si", "si per favore", "certo", "certamente", "certo che si", "va bene", "d accordo", "ok", "okay", "fallo"),
        *("lo faccia", "procedi", "proceda", "confermo", "confermato", "esatto", "sicuro", "sicuramente", "vai"),
    ),
    "nl": (
        *("ja", "jazeker", "ja graag", "ja alsjeblieft", "zeker", "zeker weten", "natuurlijk", "graag", "doe maar"),
        *("doe het", "doe dat", "ga je gang", "akkoord", "ok", "oke", "okay", "prima", "bevestigd", "ik bevestig"),
        *("klopt", "inderdaad"),
    ),
}
"""Phrases that agree by themselves."""

POLITE: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "please",
        "thanks",
        "thank you",
        "now",
        "right now",
        "grok",
        "hey",
        "then",
        "it",
        "that",
        "for me",
        "the",
        "my",
    ),
    "de": (
        "bitte",
        "danke",
        "jetzt",
        "grok",
        "hey",
        "dann",
        "mal",
        "doch",
        "schon",
        "es",
        "das",
        "die",
        "den",
        "fur mich",
    ),
    "fr": ("s il te plait", "s il vous plait", "merci", "maintenant", "grok", "le", "la", "les", "alors"),
    "es": ("por favor", "gracias", "ahora", "ya", "grok", "lo", "la", "los", "las", "entonces"),
    "it": ("per favore", "per piacere", "grazie", "adesso", "ora", "grok", "lo", "la", "allora", "pure"),
    "nl": (
        "alsjeblieft",
        "alstublieft",
        "dank je",
        "dankjewel",
        "bedankt",
        "nu",
        "grok",
        "dan",
        "maar",
        "het",
        "dat",
        "de",
    ),
}
"""What may stand beside such a phrase without changing it."""

NO: Final = frozenset(
    (
        *("no", "not", "don", "nope", "never", "stop", "cancel", "wait", "later", "but", "except", "instead", "only"),
        *("nein", "nicht", "kein", "keine", "nie", "stopp", "abbrechen", "warte", "spater", "aber", "ausser", "nur"),
        *("non", "pas", "ne", "jamais", "arrete", "annule", "attends", "mais", "sauf", "seulement"),
        *("nunca", "para", "cancela", "espera", "luego", "pero", "excepto", "solo"),
        *("mai", "ferma", "annulla", "aspetta", "dopo", "ma", "tranne", "soltanto"),
        *("nee", "niet", "geen", "nooit", "annuleer", "wacht", "behalve", "alleen"),
    )
)
"""Words with any of which a sentence is no plain yes, whatever a device may be called."""

CLOSING: Final = frozenset(
    (
        *("lock", "relock", "close", "shut", "arm", "secure"),
        *("schliess", "schliesse", "schliessen", "zu", "zuschliessen", "abschliessen", "verriegeln", "verriegle"),
        *("ferme", "fermer", "fermez", "verrouille", "verrouiller", "verrouillez", "arme", "armer"),
        *("cierra", "cerrar", "cierre", "bloquea", "bloquear", "arma", "armar"),
        *("chiudi", "chiudere", "chiuda", "serra", "serrare", "blocca", "bloccare", "inserisci"),
        *("sluit", "sluiten", "dicht", "vergrendel", "vergrendelen", "inschakelen"),
    )
)
"""Orders for the contrary of opening; as part of a name they stand behind another word of it."""
