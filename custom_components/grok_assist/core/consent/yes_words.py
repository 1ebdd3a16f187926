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
        *("that s right", "that is right", "i m sure", "i am sure", "you may", "proceed", "ya", "yea", "sure thing"),
        *("you can", "go on", "thats right", "i said yes", "yes sir", "yes ma am", "by all means", "yes i want that"),
    ),
    "de": (
        *("ja", "jawohl", "jo", "jep", "jup", "joa", "ja bitte", "klar", "na klar", "aber klar", "sicher"),
        *("aber sicher", "naturlich", "selbstverstandlich", "gern", "gerne", "ja gern", "ja gerne", "genau", "okay"),
        *("ok", "mach das", "mach es", "mach mal", "machen sie das", "tu das", "tu es", "bitte ja", "einverstanden"),
        *("bestatigt", "ich bestatige", "auf jeden fall", "unbedingt", "in ordnung", "jawoll", "passt"),
        *("ich bin sicher", "joah", "jap", "yo", "ja gut", "sehr gern", "sehr gerne", "freilich", "nur zu"),
        *("passt scho", "passt schon", "ja will ich", "ja mochte ich", "ich sagte ja", "kannst du machen"),
        *("du kannst", "richtig", "das ist richtig", "stimmt", "das stimmt", "ja mach", "jep mach", "jo mach"),
    ),
    "fr": (
        *("oui", "ouais", "oui s il te plait", "oui s il vous plait", "bien sur", "d accord", "vas y", "allez y"),
        *("ok", "okay", "fais le", "faites le", "volontiers", "certainement", "absolument", "je confirme"),
        *("confirme", "tout a fait", "exactement", "mais oui", "ben oui", "je veux bien", "ouaip"),
        *("bien entendu", "tu peux", "vous pouvez", "je suis sur", "je suis sure", "avec plaisir"),
    ),
    "es": (
        *("si", "si por favor", "claro", "claro que si", "por supuesto", "vale", "de acuerdo", "adelante", "hazlo"),
        *("hagalo", "ok", "okay", "desde luego", "confirmo", "confirmado", "correcto", "exacto", "seguro", "dale"),
        *("venga", "si quiero", "andale", "por supuesto que si", "si senor", "si senora", "puedes", "estoy seguro"),
        *("estoy segura",),
    ),
    "it": (
        *("si", "si per favore", "certo", "certamente", "certo che si", "va bene", "d accordo", "ok", "okay"),
        *("fallo", "lo faccia", "procedi", "proceda", "confermo", "confermato", "esatto", "sicuro", "sicuramente"),
        *("vai", "dai", "volentieri", "puoi", "sono sicuro", "sono sicura", "fai pure", "faccia pure", "giusto"),
    ),
    "nl": (
        *("ja", "jazeker", "ja graag", "ja alsjeblieft", "zeker", "zeker weten", "natuurlijk", "graag", "doe maar"),
        *("doe het", "doe dat", "ga je gang", "akkoord", "ok", "oke", "okay", "bevestigd", "ik bevestig", "klopt"),
        *("inderdaad", "ja hoor", "jawel", "tuurlijk", "is goed", "dat is goed", "ja mag", "dat mag", "toe maar"),
        *("ik weet het zeker", "jep"),
    ),
}
"""Phrases that agree by themselves."""

POLITE: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        *("please", "thanks", "thank you", "now", "right now", "grok", "hey", "then", "it", "that", "for me", "the"),
        *("my", "uh", "um", "oh", "well", "thank you very much", "both", "all", "all of them", "them", "and"),
    ),
    "de": (
        *("bitte", "danke", "jetzt", "grok", "hey", "dann", "mal", "doch", "schon", "es", "das", "die", "den"),
        *("fur mich", "der", "ihn", "sie", "mir", "uns", "ruhig", "einfach", "beide", "alle", "na", "ahm", "und"),
    ),
    "fr": (
        *("s il te plait", "s il vous plait", "merci", "maintenant", "grok", "le", "la", "les", "alors", "l", "euh"),
        *("les deux", "tout", "et"),
    ),
    "es": (
        *("por favor", "gracias", "ahora", "ya", "grok", "lo", "la", "los", "las", "entonces", "el", "bueno"),
        *("las dos", "y"),
    ),
    "it": (
        *("per favore", "per piacere", "grazie", "adesso", "ora", "grok", "lo", "la", "allora", "pure", "il", "l"),
        *("tutte", "tutti", "e"),
    ),
    "nl": (
        *("alsjeblieft", "alstublieft", "dank je", "dankjewel", "bedankt", "nu", "grok", "dan", "maar", "het", "dat"),
        *("de", "hem", "ze", "hoor", "joh", "even", "goed", "allebei", "allemaal", "en"),
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
