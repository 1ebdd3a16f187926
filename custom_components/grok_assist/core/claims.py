"""Sentences in which an assistant says that it has just done something in the home.

A sentence is made plain first: words without case and accents, each followed by a space, and a comma for each mark that
ends a clause. A form of claim is tried at the words that it begins with; what is found is spoilt by words of its clause
that deny it, or name another time or actor. Vague forms are no claims: a false alarm costs an honest answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
import re
from typing import Final
import unicodedata

LONGEST_WAIT: Final = 14  # words after which a sentence without any word of a claim is taken to be none

_GAP: Final = "(?:[^ ,]+ ){0,9}?"
_SHORT_GAP: Final = "(?:[^ ,]+ ){0,4}?"
_PART: Final = "(?:[^,]{0,80}, )?"
_LEAD: Final = "(?:(?:[^ ,]+ ){1,4}, ){0,2}"
_END: Final = r"(?:(?=, )|\Z)"
_TOKEN: Final = re.compile(r"[^\W_]+|[,;:!.](?=\s|\Z)|[\u2013\u2014]")
# Of the words that claims begin with, those that most other sentences have, too; and what claims have beside them.
_FAINT: Final = "is are s re a e est sont ist sind se on esta estan zijn la"
_BESIDE: Final = "now been being maintenant desormais ete sido stato stata stati state"
_QUESTION_ENDS: Final = "\"'\u201d\u2019\u00bb) \t\r\n"

# Verbs of doing, in the forms that claims use.
_EN_ON: Final = (
    "(?:on|off|up|down|out|to|low|high|dark|red|green|blue|white|yellow|orange|purple|pink|warm(?:er)?|cool(?:er)?) "
)
_EN_GAP: Final = "(?:(?!(?:is|are|was|were|has|have|had|i|we|you|they|but|because|so|which|let|if|as) )[^ ]+ ){0,14}?"
_EN_DID: Final = (
    f"(?:(?:turned|switched) {_EN_GAP}{_EN_ON}|(?:set|put|shut|reset|dimmed|brightened|opened|closed|locked|unlocked"
    f"|raised|lowered|paused|resumed|muted|unmuted|added|removed|deleted|created|cancell?ed|activated|deactivated"
    f"|enabled|disabled|armed|disarmed|adjusted|increased|decreased|reduced|restarted|triggered|skipped|sent|scheduled"
    f"|saved|updated|queued|snoozed|docked|extended|announced|launched|bumped|nudged|boosted|cleared|rolled|begun"
    f"|resumed|ended) |(?:started|stopped) (?!(?:to|thinking|learning|worrying|looking|wondering) )|(?:changed"
    f"|moved) (?!(?:my|on|mind) )|made (?:the|it|them|your|everything|that) |(?:run|ran) (?:the|your) |taken care of "
    f"|took care of |asked the \\S+ to |(?:done|did) (?:it|that|so|this|everything|as) )"
)
_EN_PASSIVE: Final = _EN_DID.replace("made (?:the|it|them|your|everything|that) ", "made \\S+er ")
_EN_DOING: Final = (
    f"(?:(?:turning|switching) {_GAP}{_EN_ON}|(?:setting|putting|shutting|dimming|brightening|opening|closing|locking"
    f"|unlocking|raising|lowering|starting|stopping|pausing|resuming|muting|unmuting|adding|removing|deleting|creating"
    f"|cancell?ing|activating|deactivating|enabling|disabling|arming|disarming|adjusting|changing|increasing|decreasing"
    f"|reducing|restarting|triggering|skipping|sending|scheduling|playing|docking|making (?:it|the)) )"
)
_EN_DO: Final = (
    "(?:turn|switch|set|put|shut|dim|brighten|open|close|lock|unlock|raise|lower|start|stop|pause|resume|mute|unmute"
    "|add|remove|delete|create|cancel|activate|deactivate|enable|disable|arm|disarm|adjust|change|increase|decrease"
    "|reduce|restart|trigger|skip|send|schedule|play|make|run|do|get|take|reset|dock) "
)
_EN_STILL: Final = (
    "(?:(?:just|also|all|both|already|now|then|successfully|only|again|went ahead and|gone ahead and|gone and|even) )*"
)
_EN_STATE: Final = (
    "(?:on|off|open|closed|shut|locked|unlocked|dimmed|active|activated|deactivated|playing|paused|muted|armed|disarmed"
    "|set|turned|switched|running|enabled|disabled|opening|closing|starting|stopped|spinning|heating|cooling|cleaning"
    "|charging|recording|brighter|darker|warmer|cooler|louder|quieter|lowered|raised|red|green|blue|white|yellow|orange"
    "|purple|pink|warming|in \\S+ mode|at \\d+) "
)
_DE_FRONT: Final = (
    "(?:ein|aus|an|ab|um|zu|auf|hoch|rauf|hinauf|herauf|runter|herunter|hinunter|hinzu|los|weiter|stumm|zuruck|frei"
    "|leiser|lauter)"
)
_DE_DID: Final = (
    f"(?:{_DE_FRONT}?ge(?:schaltet|macht|stellt|dreht|fahren|setzt|fugt|schrieben|legt|schlossen|offnet|sperrt|zogen"
    f"|schickt|startet|stoppt|dimmt|andert|senkt|tan|spielt|klappt|bracht|regelt|loscht|rollt|speichert|wechselt|hoben)"
    f"|(?:an|auf)gehalten|(?:runter|herunter|hinunter|herab)gelassen|(?:de)?aktiviert|pausiert|reduziert|erhoht"
    f"|verringert|verandert|verriegelt|entriegelt|erledigt|erstellt|verschoben|verlangert|entfernt|abgebrochen"
    f"|unterbrochen|beendet|eingerichtet|fortgesetzt|angepasst|ubersprungen|notiert|eingetragen|ausgelost|programmiert"
    f"|durchgesagt) "
)
_DE_CRISP: Final = (  # what can be said of a thing without any verb beside it, and is no answer about its state
    f"(?:{_DE_FRONT}?ge(?:schaltet|stellt|dreht|fahren|setzt|fugt|startet|stoppt|dimmt|andert|senkt|loscht)"
    f"|(?:de)?aktiviert|pausiert|reduziert|erhoht|verringert|erstellt|entfernt|abgebrochen|beendet|angepasst"
    f"|angehalten) "
)
# An enumeration has commas, a new clause has a verb: the gap goes over the one and ends at the other.
_DE_GAP: Final = (
    "(?:(?!(?:ist|sind|war|waren|hat|haben|habe|dass|ob|wird|wurde|kann|gefunden|nachgesehen|nachgeschaut|gepruft"
    "|gesehen|gelesen|gehort|festgestellt|sag|wenn) )[^ ]+ ){0,16}?"
)
_DE_WHITHER: Final = (
    f"(?:ein|aus|an|ab|um|auf|zu|hoch|rauf|hinauf|herauf|runter|herunter|hinunter|hinzu|weiter|stumm|warmer|kuhler"
    f"|heller|dunkler|leiser|lauter|los) (?:{_END}|(?=und ))"
)
_DE_TURN: Final = "(?:schalte?|mache?|drehe?|fahre?|stelle?|sperre?|fuge?|breche?|lasse?|ziehe?|klappe?|schliesse?) "
_DE_SET_TO: Final = f"{_GAP}(?:auf (?:\\d|\\S+ (?:grad|prozent|uhr|minuten?|stunden?) )|timer |wecker )"
_DE_CHANGE: Final = (
    "(?:dimme?|offne|schliesse?|starte|stoppe?|senke?|erhohe?|reduziere|verringere|aktiviere|deaktiviere|pausiere"
    "|verriegle|entriegle|losche?|andere|spiele?|schicke?|springe|wechsle|uberspringe) "
)
_DE_THING: Final = "(?!(?:mich|mir|daraus|gern|gerne|immer|mit|nur) )[^ ,]"
_DE_DOING: Final = (
    f"(?:{_DE_TURN}{_GAP}{_DE_WHITHER}|stelle? {_DE_SET_TO}|(?:setze?|schreibe?) {_GAP}auf (?:die|deine|eure|ihre) "
    f"|{_DE_CHANGE}{_DE_THING})"
)
_DE_STATE: Final = (
    f"(?:(?:an|aus|ein|auf|zu|offen|aktiv|oben|unten|stumm|rot|grun|blau|weiss|gelb|orange|lila|rosa|leiser|lauter"
    f"|heller|dunkler|warmer|kuhler) |auf \\S+ (?:grad|prozent) (?:{_DE_DID})?|auf (?:der|deiner|eurer"
    f"|ihrer) \\S*liste |auf \\S+ stufe |im \\S*modus |(?:scharf |leiser |lauter )?{_DE_DID})(?:{_END}|(?=und ))"
)
_FR_DID: Final = (
    "(?:allume|eteint|ferme|ouvert|regle|ajoute|mis|baisse|monte|remonte|augmente|diminue|lance|demarre|arrete|coupe"
    "|active|desactive|verrouille|deverrouille|programme|tamise|change|cree|supprime|annule|retire|descendu|rallume"
    "|reduit|envoye|enregistre)e?s? "
)
_FR_DO: Final = (
    "(?:allumer|eteindre|fermer|ouvrir|regler|ajouter|mettre|baisser|monter|augmenter|diminuer|lancer|demarrer|arreter"
    "|couper|activer|desactiver|verrouiller|deverrouiller|programmer|tamiser|changer|creer|supprimer|annuler|reduire) "
)
_FR_DOING: Final = (
    "(?:allume|eteins|ferme|ouvre|regle|mets|baisse|monte|augmente|diminue|lance|demarre|arrete|coupe|active|desactive"
    "|verrouille|deverrouille|ajoute|programme|tamise|supprime|annule|reduis) "
)
_FR_THEM: Final = "(?:(?:l|le|la|les|vous|te|t|y|lui) ){0,2}"
_ES_DID: Final = (
    "(?:encendid|apagad|cerrad|abiert|puest|ajustad|anadid|agregad|bajad|subid|activad|desactivad|configurad|programad"
    "|iniciad|detenid|pausad|bloquead|desbloquead|cancelad|cread|eliminad|cambiad|atenuad|aumentad|reducid|quitad"
    "|establecid|fijad|parad|enviad|guardad)(?:o|a|os|as) "
)
_ES_DOING: Final = (
    "(?:encend|apag|cerr|abr|pon|ajust|anad|agreg|baj|sub|activ|desactiv|configur|program|inici|deten|paus|bloque"
    "|desbloque|cancel|cre|elimin|cambi|atenu|aument|reproduc|reduc)i?(?:a|e)ndo(?:l[oa]s?)? "
)
_ES_DO: Final = (
    "(?:enciendo|apago|cierro|abro|pongo|ajusto|subo|bajo|activo|desactivo|anado|programo|inicio|detengo|pauso|bloqueo"
    "|desbloqueo|cancelo|reproduzco|encendi|apague|cerre|abri|puse|agregue) "
)
_IT_DID: Final = (
    "(?:acces|spent|chius|apert|impostat|aggiunt|abbassat|alzat|attivat|disattivat|avviat|fermat|mess|regolat|bloccat"
    "|sbloccat|cancellat|creat|rimoss|cambiat|aumentat|ridott|programmat|interrott|sospes|inviat)[oaie] "
)
_IT_DOING: Final = (
    "(?:accend|spegn|chiud|apr|impost|aggiung|abbass|alz|attiv|disattiv|avvi|ferm|mett|regol|blocc|sblocc|cancell|cre"
    "|rimuov|cambi|aument|riduc|riproduc)(?:a|e)ndo(?:l[oaie])? "
)
_IT_DO: Final = (
    "(?:accendo|spengo|chiudo|apro|imposto|abbasso|alzo|attivo|disattivo|aggiungo|avvio|fermo|metto|regolo|blocco"
    "|sblocco|riproduco|cancello) (?!di )"
)
_NL_DID: Final = (
    "(?:(?:aan|uit|af|open|dicht|op|in|omhoog|omlaag|om)ge(?:zet|daan|schakeld|draaid|steld|maakt|haald|trokken)"
    "|ge(?:zet|dimd|sloten|opend|start|stopt|pauzeerd|regeld|wijzigd|plaatst)|toegevoegd|verlaagd|verhoogd|verwijderd"
    "|vergrendeld|ontgrendeld|geactiveerd|gedeactiveerd|aangemaakt|geannuleerd|veranderd|aangepast|gedaan) "
)
_NL_CRISP: Final = (
    "(?:(?:aan|uit|af|omhoog|omlaag)ge(?:zet|daan|draaid)|gedimd|gestart|gestopt|gepauzeerd|toegevoegd|verlaagd"
    "|verhoogd|verwijderd|aangepast) "
)
_NL_STATE: Final = f"(?:aan|uit|open|dicht|op slot|actief|gesloten|geopend|op \\S+ (?:graden|procent)|{_NL_DID[:-1]}) "

# What spoils a claim in its clause.
_EN_NOT: Final = (
    "not|t|never|nothing|none|no|cannot|unable|failed|without|whether|if|think|believe|guess|wish|hope|could|would"
    "|should|might|may|can|when|who|until|unless|yesterday|ago|earlier|last|this morning|this afternoon|tonight i"
    "|before you|you (?:turned|locked|closed|said)|pretend|wonder|story|joke|said|mind|heart|eyes|thoughts?|record"
    "|example"
)
_EN_OTHER: Final = (
    "by|since|at \\d+(?! (?:percent|degrees))|at (?:noon|midnight|night|one|two|three|four|five|six|seven|eight|nine"
    "|ten|eleven|twelve)|still|already|first|originally|always|usually|every|on (?:mon|tues|wednes|thurs|fri|satur"
    "|sun)days?|automatically|left|in \\d{4}|(?:closed|locked|unlocked|opened) for|store|stores|shop|shops|supermarket"
    "|restaurant|museum|bank|pharmacy|market|road|school|match|game|show|film|movie(?! (?:mode|scene|night|time))"
    "|museums|gates|wall|office|park|bar|sun|be|longer|bridge|law|parliament|pool|volcano|airport|motorway|train"
)
_EN_SUBJECT: Final = (
    "is|are|can|saves?|helps?|will|would|takes?|means?|requires?|reduces?|costs?|makes?|could|may|might|won|does|uses"
    "|should|works|has|was|were|keeps?|gives?"
)
_DE_NOT: Final = (
    "nicht|nichts|kein|keine|keinen|keiner|nie|niemals|leider|ob|wenn|falls|fehler|spass|gedanken|sorgen|witz|gestern"
    "|vorhin|heute (?:morgen|fruh|mittag|vormittag|nacht)|letzte|letzten|vor (?:\\S+ )?(?:sekunden?|minuten?|stunden?"
    "|tagen?|wochen?|kurzem)|glaube|denke|wurde ich|gut gemacht|toll gemacht"
)
_DE_OTHER: Final = (
    "von|durch|seit|noch|schon|bereits|um (?:\\S+ ){1,2}uhr|um (?:\\S+ )?(?:eins|zwei|drei|vier|funf|sechs|sieben|acht"
    "|neun|zehn|elf|zwolf|\\d+)|gegen|immer|jeden|jede|taglich|oft|meist|meistens|abends|morgens|nachts|normalerweise"
    "|automatisch|bei|bald|gleich|spater|erst|\\d{4}|aus (?:\\S+ )?gemacht|supermarkt|laden|geschafte?|museum|bank"
    "|apotheke|schule|spiel|film|fernsehen|kino|restaurant|mauer|tore|autobahn|strasse|gesetze?s?|ampel|uhren|vertrag"
    "|konnen|sollte|kann|in der regel|mit (?:diese[mr]|de[mr]|eine[mr])"
)
_FR_NOT: Final = "pas|jamais|rien|aucune?|si|quand|hier|il y a|ce matin|cette nuit|peux|peut|pourrais|blague|yeux"
_FR_BOTH: Final = f"{_FR_NOT}|par|depuis|a (?:\\S+ )?heures?|encore|deja|en \\d{{4}}|magasin|musee|chaque|toujours"
_ES_NOT: Final = "no|nunca|nada|ningun|ninguna|si|cuando|ayer|hace|esta manana|anoche|puedo|podria|broma"
_ES_BOTH: Final = f"{_ES_NOT}|por|desde|a las?|todavia|aun|en \\d{{4}}|tienda|museo|cada|siempre|fue|fueron"
_IT_NOT: Final = "non|mai|niente|nulla|nessun|nessuna|quando|ieri|fa|stamattina|stanotte|posso|potrei|scherzo"
_IT_BOTH: Final = f"{_IT_NOT}|da|dalla?|dal|alle|ancora|gia|nel \\d{{4}}|negozio|museo|ogni|sempre"
_NL_NOT: Final = "niet|niets|geen|nooit|als|wanneer|gisteren|geleden|vanmorgen|vanochtend|vannacht|kan|zou|grapje"
_NL_BOTH: Final = f"{_NL_NOT}|door|sinds|om (?:\\S+ ){{1,2}}uur|nog|al|in \\d{{4}}|winkel|museum|elke|altijd|sluit"
# What puts a promise off.
_LATER: Final = (
    "um \\S+ uhr|if|when|once|as soon as|unless|until|later|at \\d+|at \\S+ o|in \\S+ (?:minutes|hours)|wenn|falls"
    "|sobald|gleich|spater|nachher|si|quand|lorsque|des que|cuando|luego|quando|se|als|zodra|wanneer|straks"
)


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of claim: the words it may begin with, what follows, and what spoils it."""

    starts: str
    pattern: str
    spoilers: str


@dataclass(frozen=True, slots=True)
class _Detector:
    """A form of claim that is ready to be tried."""

    pattern: re.Pattern[str]
    spoilers: re.Pattern[str]
    later: re.Pattern[str] | None

    def finds(self, text: str, start: int) -> bool:
        """Tell whether a plain text has an unspoilt claim whose pattern begins there."""
        if (match := self.pattern.match(text, start)) is None:
            return False
        clause_start = text.rfind(", ", 0, start or match.end()) + 1
        clause_end = text.find(", ", match.end())
        clause = text[clause_start : clause_end if clause_end >= 0 else len(text)].lstrip(" ")
        if self.spoilers.search(clause):
            return False
        return self.later is None or self.later.search(text, clause_start) is None


# What is open or closed is no matter of the home without one of these: the shop, the road, a wound.
_EN_SHUTS: Final = (
    "door|window|blind|shade|shutter|curtain|garage|gate|lock|cover|awning|valve|vent|all|thing|both|it|they"
)
_DE_SHUTS: Final = (
    "tur|fenster|roll|jalousie|vorhang|gardine|garage|tor|markise|lamelle|schloss|klappe|ventil|alle|beide|es |sie "
)
_START: Final = "^"  # in place of words: the form is tried at the beginning of the sentence only
_EN_BOTH: Final = f"{_EN_NOT}|{_EN_OTHER}|^(?=.*(?:open|opened|closed|shut) )(?!.*(?:{_EN_SHUTS}))"
_DE_BOTH: Final = f"{_DE_NOT}|{_DE_OTHER}|^(?=.*(?:geschlossen |geoffnet |offen |gesperrt | zu $))(?!.*(?:{_DE_SHUTS}))"
# fmt: off
# One form a row; the promises are spoilt by words that put the deed off, too.
_DEEDS: Final = (
    _Form("i we", f"(?:ve |have )?{_EN_STILL}{_EN_DID}", _EN_NOT),
    _Form("has have s ve", f"{_EN_STILL}been {_EN_STILL}{_EN_PASSIVE}", _EN_BOTH),
    _Form("is are s re", f"{_EN_STILL}being {_EN_STILL}{_EN_PASSIVE}", _EN_BOTH),
    _Form("was were", f"{_EN_STILL}(?!set (?!to \\d)){_EN_PASSIVE}", f"{_EN_BOTH}|created|set to [a-z]+ at"),
    _Form("is are s re", f"{_SHORT_GAP}(?<!right )now (?:[^ ,]+ ){{0,2}}?{_EN_STATE}", _EN_BOTH),
    _Form("is are s re", f"{_SHORT_GAP}{_EN_STATE}{_GAP}(?<!right )now (?:too |as well |for you )?{_END}", _EN_BOTH),
    _Form("timer alarm reminder countdown",
          f"{_SHORT_GAP}(?:is|are|has|have)? ?(?:now )?(?:set|started|added|created|cancell?ed|deleted|paused) ",
          f"{_EN_NOT}|by|already|still|was|were"),
    _Form("door garage gate blind blinds shade shades shutter shutters curtain curtains awning valve window",
          "(?:is|are) (?:now )?(?:opening|closing) ", _EN_BOTH),
    _Form(_START, f"{_LEAD}(?:turned|switched) (?:[^ ,]+ ){{0,5}}?(?:on|off|up|down) "
          f"|{_LEAD}(?:opened|closed|locked|raised|started) (?:it|them|the|your|both|all) "
          f"|{_LEAD}(?:dimmed|added|removed|cancell?ed|deleted|paused|resumed|muted|unlocked|activated|lowered"
          "|stopped) ", _EN_BOTH),
    _Form(_START, f"{_LEAD}(?:(?!(?:the|a|an|is|are|was|were|you|he|she|they|has|have|had|been|who|it|that|to|i|we"
          f"|of) )[^ ,]+ ){{1,6}}(?:(?:turned|switched) (?:on|off|up|down) (?=, |\\Z|in |for |to )|(?:dimmed|brightened"
          f"|set|lowered|raised|increased|reduced) to |(?:activated|deactivated|added|cancell?ed|paused|started|stopped"
          f"|muted) {_END})", _EN_BOTH),
    _Form(_START, f"{_PART}(?:(?:all|and|it|that|this|s|is|everything|okay|ok|consider it|now|you|we|re|are) )*"
          f"(?:done|taken care of|all set|on it|starting now|mission accomplished) {_END}", _EN_NOT),
    _Form("ich wir", f"hab(?:e|en)? {_DE_GAP}{_DE_DID}", _DE_NOT),
    _Form("habe hab haben", f"(?:ich|wir) {_DE_GAP}{_DE_DID}", _DE_NOT),
    _Form("wurde wurden wird werden", f"{_DE_GAP}{_DE_DID}", _DE_BOTH),
    _Form("ist sind", f"{_DE_GAP}{_DE_DID}worden ", _DE_BOTH),
    _Form("ist sind", f"{_SHORT_GAP}(?:jetzt|nun) {_GAP}{_DE_STATE}", _DE_BOTH),
    _Form("jetzt nun damit", f"(?:ist|sind) {_GAP}{_DE_STATE}", _DE_BOTH),
    _Form("steht stehen", "(?:jetzt|nun) auf ", _DE_BOTH),
    _Form("lauft laufen spielt brennt brennen leuchtet leuchten",
          f"(?:ab )?(?:jetzt|nun) (?:(?:in|im|auf) [^,]*|rot |grun |blau |weiss |gelb )?{_END}", _DE_BOTH),
    _Form("fahrt fahren", f"(?:jetzt |nun )?(?:hoch|runter|herunter|hinunter|nach oben|nach unten) {_END}", _DE_BOTH),
    _Form("offnet schliesst offnen schliessen", f"sich (?:jetzt |nun |gerade )?{_END}", _DE_BOTH),
    _Form("timer wecker erinnerung countdown", f"{_SHORT_GAP}(?:ist|sind)? ?{_GAP}{_DE_CRISP}", _DE_NOT),
    _Form(_START,
          f"{_LEAD}(?:(?!(?:ist|sind|war|waren|hat|hast|habt|haben|wurde|wird|werden|ja|nein|ich|du|er|sie|wie|gut"
          f"|toll) )[^ ,]+ ){{1,6}}{_DE_CRISP}{_END}", _DE_BOTH),
    _Form(_START, f"{_PART}(?:(?:alles|das|ist|war|ware|es|so|schon|und|okay|ok) )*"
          f"(?:erledigt|fertig|gemacht|geschafft|wird gemacht|wird erledigt|mache? ich) {_END}", _DE_NOT),
    _Form("j je nous on", f"{_FR_THEM}(?:ai|avons|a) (?:(?:bien|aussi|maintenant|tout|egalement) )*{_FR_DID}", _FR_NOT),
    _Form("a ont", f"(?:bien |maintenant )?ete (?:bien )?{_FR_DID}", _FR_BOTH),
    _Form("est sont", f"(?:bien )?(?:maintenant|desormais) {_FR_DID}|{_FR_DID}(?:maintenant|desormais) ", _FR_BOTH),
    _Form("j je", f"{_FR_THEM}(?:viens|suis en train) (?:d|de) {_FR_THEM}{_FR_DO}", _FR_NOT),
    _Form("minuteur reveil rappel alarme minuterie", f"{_SHORT_GAP}(?:est )?(?:regle|programme|cree)e? ", _FR_BOTH),
    _Form(_START, f"{_LEAD}(?:lumieres?|lampes?|volets|chauffage|musique) {_SHORT_GAP}{_FR_DID}",
          f"{_FR_BOTH}|est|sont|a|ont"),
    _Form(_START, f"{_PART}(?:voila )?(?:c est|voila qui est) fait {_END}", _FR_NOT),
    _Form("he hemos", f"(?:ya )?{_ES_DID}", _ES_NOT),
    _Form("ha han", f"sido {_ES_DID}", _ES_BOTH),
    _Form("se", f"han? {_ES_DID}", _ES_BOTH),
    _Form("esta estan", f"ahora {_ES_DID}|{_ES_DID}ahora {_END}", _ES_BOTH),
    _Form("ahora", f"{_SHORT_GAP}(?:esta|estan) {_ES_DID}", _ES_BOTH),
    _Form("acabo", "de (?:encender|apagar|cerrar|abrir|poner|ajustar|anadir|subir|bajar|activar|desactivar)", _ES_NOT),
    _Form(_START, f"{_PART}(?:ya esta )?(?:hecho|listo|ya esta) {_END}", _ES_NOT),
    _Form("ho abbiamo", f"(?:(?:appena|gia|anche|ora|subito) )?{_IT_DID}", _IT_NOT),
    _Form("e sono", f"stat[oaie] {_IT_DID}", _IT_BOTH),
    _Form("e sono", f"(?:ora|adesso) {_IT_DID}|{_IT_DID}(?:ora|adesso) {_END}", _IT_BOTH),
    _Form("ora adesso", f"{_SHORT_GAP}(?:e|sono) {_IT_DID}", _IT_BOTH),
    _Form(_START, f"{_PART}(?:ecco |tutto )?fatto {_END}", _IT_NOT),
    _Form("ik we", f"(?:heb|hebben) {_GAP}{_NL_DID}", _NL_NOT),
    _Form("heb hebben", f"(?:ik|we) {_GAP}{_NL_DID}", _NL_NOT),
    _Form("wordt worden", f"{_GAP}{_NL_DID}", _NL_BOTH),
    _Form("is zijn", f"{_GAP}{_NL_CRISP}{_END}", _NL_BOTH),
    _Form("is zijn staat staan", f"nu {_GAP}{_NL_STATE}{_END}", _NL_BOTH),
    _Form("nu", f"(?:is|zijn|staat|staan) {_GAP}{_NL_STATE}{_END}", _NL_BOTH),
    _Form("timer wekker herinnering", f"(?:staat|is) {_GAP}(?:op|ingesteld|gezet) ", _NL_BOTH),
    _Form(_START, f"{_PART}(?:(?:alles|dat|het|is) )*(?:gedaan|geregeld|klaar|gebeurd) {_END}", _NL_NOT),
)
_PROMISES: Final = (
    _Form("i we", f"(?:m|am|re|are) {_EN_STILL}{_EN_DOING}", _EN_NOT),
    _Form("i we let", f"(?:me |us )?(?:(?:ll|will|going to|m|am|just) )*(?:go ahead and {_EN_DO}|now {_EN_DO}"
          f"|{_EN_DO}{_GAP}(?:now|right away|immediately|straight away) )", _EN_NOT),
    _Form(_START, f"{_LEAD}{_EN_STILL}{_EN_DOING}", f"{_EN_NOT}|{_EN_SUBJECT}"),
    _Form("ich wir", _DE_DOING, _DE_NOT),
    _Form("schalte mache drehe fahre stelle sperre", f"ich {_GAP}{_DE_WHITHER}", _DE_NOT),
    _Form("dimme offne schliesse starte stoppe senke spiele", f"ich {_DE_THING}", _DE_NOT),
    _Form("stelle", f"ich {_DE_SET_TO}", _DE_NOT),
    _Form("ich", f"werde {_GAP}(?:jetzt|nun|sofort) {_GAP}[^ ,]+en {_END}", _DE_NOT),
    _Form("j je", f"{_FR_THEM}{_FR_DOING}", _FR_NOT),
    _Form("estoy", _ES_DOING, _ES_NOT),
    _Form(_START, f"{_LEAD}{_ES_DOING}", f"{_ES_NOT}|ahorras?|es"),
    _Form(_START, f"{_LEAD}(?:(?:ya|ahora|l[oa]s?|te) ){{0,2}}{_ES_DO}", _ES_BOTH),
    _Form("sto", _IT_DOING, _IT_NOT),
    _Form(_START, f"{_LEAD}(?:(?:ora|adesso|l[oaie]|ti|subito) ){{0,2}}{_IT_DO}", _IT_BOTH),
    _Form("ik", f"(?:(?:doe|zet|maak|schakel|draai) {_GAP}(?:aan|uit|open|dicht|op slot|in|hoger|lager|af) {_END}"
          f"|(?:zet|stel) {_GAP}op (?!prijs)|(?:dim|open|sluit|start|verlaag|verhoog|speel) "
          "(?:nu|de|het|je|alle|een) )", _NL_NOT),
)
# fmt: on

# Beginnings that no claim has, so that their sentences need not be kept back.
_OPENING: Final = (
    "(?:(?:ok|okay|sure|alright|right|well|yes|no|nein|ja|and|so|but|also|hm|ah|oh|hi|hello|und|aber|gut|nun|d accord"
    "|oui|non|vale|bueno|claro|certo|ecco|nee|goed|oke|sorry|leider|unfortunately) (?:, )?){0,3}"
)
_EN_VAIN: Final = (
    f"i (?:can|could|cannot|couldn|would|wouldn|should|shouldn|d|might|may|must|do|don|didn|was|wasn|need|see|think"
    f"|guess|believe|know|found|looked|checked|heard|understand|understood|love|like|want|wish|hope|remember|suggest"
    f"|recommend|wonder|haven|hadn|had|apologize|only see|only know|also see|also found|still|cant|won|enjoy|appreciate"
    f"|read) |(?:i|we) (?:ve|have) (?!(?:just|also|all|both|already|now|then|successfully|only|again|gone|went|even|run"
    f"|ran|made|taken|done|asked|turned|switched|changed|moved|started|stopped) |{_EN_DID})\\w|we (?:can|could|would"
    f"|should|don|didn|have no|need) |i (?:m|am) (?!(?:just|also|now|going|all|both|already|then|only|again|turning"
    f"|switching|making) |{_EN_DOING})\\w|i (?:ll|will) (?!(?:just|also|now|go|then) |{_EN_DO})\\w|(?:if|unless"
    f"|whenever|until|whether|in case|shall|should|would|could|can|may|might|must|does|which|what|who|whose|where|why"
    f"|how|whom|please|perhaps|maybe|someone|somebody|nobody|none|nothing|try|tell|say|ask|press|remember|just say"
    f"|just ask|tomorrow|today|yesterday|tonight|in \\d+|she|somewhere|here s|here are|let me (?:know|check|see|look"
    f"|think)|do|did|when|to (?:open|close|turn|use|set|do)) \\w|you (?!(?:re|are|got|bet) )\\w|you (?:re"
    f"|are) (?!(?:all|now|good) )\\w|there (?:is|are|s|re|was|were|will|isn|aren|weren|wasn) |(?:it|that|this) (?:was"
    f"|wasn|looks|seems|does|doesn|rains|will|would|can|could|might|may|should|isn|takes|means|depends|sounds|device"
    f"|s (?:a|an|the|\\d+|not|still|already) )|your (?:wife|husband|son|daughter|mother|father|mom|dad|partner|kids"
    f"|friend|neighbou?r|next) |(?!(?:since|as|because) )(?:[^ ,]+ ){{1,6}}(?:(?:is|are|was|were) (?:a|an|still"
    f"|currently|already|known|called|named|credited|located|about|expected|not|one|two|three|four|five|\\d+|last|born"
    f"|first|very|invented|unable) |(?:will|would|can|could|might|should|must|isn|aren|wasn|weren|doesn|don|didn|cannot"
    f"|finished|invented|discovered|wrote|lived|lives|means|contains|consists|won|founded|painted|built|says|said|seems"
    f"|looks|helps|uses|needs|saves|has (?!(?:been|now|just|also|all|started|successfully) )\\w+) )"
)
_DE_VAIN: Final = (
    "ich (?:kann|konnte|wurde|weiss|glaube|denke|brauche|verstehe|finde|sehe|muss|darf|mochte|hatte|bin|war|soll|sollte"
    "|liebe|mag|freue|helfe|empfehle|vermute|hoffe|habe? (?:kein|keine|keinen|leider|nicht|nichts|nachgesehen"
    "|nachgeschaut|gelesen|gehort)) |wir (?:konnen|konnten|haben keine?|mussen) |(?:soll|sollen|mochtest|willst|kannst"
    "|konntest|hast|welche[rsnm]?|wer|wo|wann|warum|wieso|weshalb|was|wozu|darf|magst|brauchst|meinst|gibt|wenn|falls"
    "|du|man|leider|jemand|niemand|vielleicht|mochten|sag|sage|sagen|druck|drucke|bitte|versuch|frag|morgen (?:wird|ist"
    "|gibt|regnet)|schalten sie|dafur|dazu|deine? (?:frau|mann|sohn|tochter|mutter|vater)|das (?:kann|konnte"
    "|weiss|tut|war leider|geht|klappt|konnen|wurde ich|hat|habe ich (?:nicht|leider|kein))|es (?:gibt|regnet|sieht"
    "|scheint|tut|lauft|war|hat|geht|kommt|wurde nichts)) |(?!(?:weil|da|nachdem|wie|so|i|we|he|se"
    "|ya) )(?:[^ ,]+ ){1,6}(?:(?:hat|hatte|haben die|konnte|kann|gibt es|liess|schlossen|klingelt) |(?:ist|sind|war"
    "|waren) (?:ein|eine|etwa|\\d+|zwei|drei|vier|noch|schon|bereits|seit|nicht|kein|keine|derzeit|gerade|momentan"
    "|aktuell) )"
)
_OTHER_VAIN: Final = (
    "j (?:ai (?:trouve|verifie|regarde|cherche|lu) |aimerais |ai besoin )|je (?:n |ne |peux |pourrais |ne |sais |crois "
    "|pense )|(?:voulez|veux|dois|puis|peux|pouvez|souhaitez|pourquoi|comment|quelle?s?|il y a|vous|votre femme"
    "|votre mari) |no (?:he|puedo|pude|tengo|se|hay|esta) |(?:puedo|quieres|quiere|debo|podria|tu mujer|tu marido|hay"
    "|cual|cuando) |he (?:encontrado|buscado|mirado|comprobado|visto) |non (?:ho|posso|sono|so|c) |ho (?:trovato"
    "|cercato|controllato|visto) |(?:posso|vuoi|devo|potrei|tua moglie|tuo marido|ci sono|quale|perche) "
    "|(?:[^ ,]+ ){1,5}heeft |ik (?:kan|kon|zou|weet|denk|geloof|moet|mag|ben|heb (?:geen|niet|niets)) |(?:wil|zal|kun"
    "|kan|moet|welke|waarom|hoe|er|je vrouw|je man|jij) |(?:als|zodra|wanneer|quand|lorsque|cuando|sobald) "
)


def claims_action(sentence: str) -> bool:
    """Tell whether a sentence of an assistant says that something in the home was, or is being, changed by it."""
    if "?" in sentence and sentence.rstrip(_QUESTION_ENDS).endswith("?"):
        return False
    return not _is_vain(text := _plain(sentence)) and _has_claim(text)


def may_become_claim(beginning: str) -> bool:
    """Tell whether a sentence that begins like this can still turn out to claim an action.

    A word counts when white space follows it. What is let go here is no claim for `claims_action`, however it ends.
    """
    # Only whole words decide, and more of them only ever add to the reasons: no claim has a hopeless beginning.
    whole = beginning[: max(beginning.rfind(" "), beginning.rfind("\n")) + 1]
    return not whole or not _is_vain(_plain(whole))


def _plain(sentence: str) -> str:
    """Return a sentence's words without case and accents, a comma for each mark between clauses, each with a space."""
    folded = sentence.casefold()
    if not folded.isascii():
        folded = "".join(sign for sign in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(sign))
    tokens = [token if token[0].isalnum() else "," for token in _TOKEN.findall(folded)]
    return " ".join(tokens) + " " if tokens else ""


def _is_vain(text: str) -> bool:
    """Tell whether no claim begins like this."""
    if _vain().match(text):
        return True
    words = text.split(" ", LONGEST_WAIT)
    return len(words) > LONGEST_WAIT and _cues().isdisjoint(words[:-1])


def _has_claim(text: str) -> bool:
    """Try the forms of claim at each word that they may begin with."""
    forms = _forms()
    if any(form.finds(text, 0) for form in forms[_START]):
        return True
    start = 0
    for word in text.split(" "):
        start += len(word) + 1
        if any(form.finds(text, start) for form in forms.get(word, ())):
            return True
    return False


@cache
def _vain() -> re.Pattern[str]:
    """Return the beginnings that no claim has."""
    return re.compile(f"{_OPENING}(?:{_EN_VAIN}|{_DE_VAIN}|{_OTHER_VAIN})")


@cache
def _forms() -> Mapping[str, Sequence[_Detector]]:
    """Return the forms of claim by the words that they may begin with."""
    forms: dict[str, list[_Detector]] = {}
    later = re.compile(rf"\b(?:{_LATER})\b")
    for form in (*_DEEDS, *_PROMISES):
        spoilers = re.compile(rf"\b(?:{form.spoilers})\b")
        detector = _Detector(re.compile(form.pattern), spoilers, later if form in _PROMISES else None)
        for start in form.starts.split():
            forms.setdefault(start, []).append(detector)
    return forms


@cache
def _cues() -> frozenset[str]:
    """Return the words of which a claim has one among its first, but many another sentence none."""
    return frozenset(_forms()).difference(_FAINT.split()).union(_BESIDE.split())
