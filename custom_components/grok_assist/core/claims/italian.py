"""The words of Italian orders and claims."""

from typing import Final

from .actions import Action
from .language import Language

ITALIAN: Final = Language(
    orders={
        Action.ON: "accendi accendere accenda attiva attivare attivi illumina illuminare avvia",
        Action.OFF: "spegni spegnere spenga disattiva disattivare disattivi stacca spengi spengere",
        Action.OPEN: "apri aprire apra alza alzare alzi solleva",
        Action.CLOSE: "chiudi chiudere chiuda abbassa abbassare abbassi",
        Action.LOCK: "blocca bloccare blocchi chiudi chiudere serra",
        Action.UNLOCK: "sblocca sbloccare sblocchi apri aprire",
        Action.SET: "imposta impostare imposti metti mettere metta regola regolare cambia cambiare modifica modificare"
        " porta rendi rendere portare",
        Action.RAISE: "alza alzare aumenta aumentare",
        Action.LOWER: "abbassa abbassare diminuisci diminuire riduci ridurre scendere",
        Action.PLAY: "riproduci riprodurre riprendi riprendere continua suona",
        Action.PAUSE: "pausa",
        Action.NEXT: "prossima prossimo salta successiva successivo",
        Action.MUTE: "silenzia silenziare muta",
        Action.START: "avvia avviare avvii inizia iniziare comincia pulisci pulire aspira attiva imposta crea metti"
        " partire esegui eseguire",
        Action.STOP: "ferma fermare fermi interrompi interrompere annulla annullare annulli cancella cancellare stoppa"
        " arresta arrestare stoppare",
        Action.SEND: "manda mandare rimanda riporta torna ritorna riportare",
        Action.ADD: "aggiungi aggiungere aggiunga metti mettere inserisci inserire",
        Action.REMOVE: "rimuovi rimuovere elimina eliminare togli togliere cancella cancellare annulla",
    },
    done={
        Action.ON: "accendo accendendo attivando attivo avvio acces- attivat- avviat- accensione attivazione",
        Action.OFF: "spengo spegnendo disattivando spent- disattivat- spegnimento disattivazione disattivo",
        Action.OPEN: "apro aprendo apert- alzat- sollevat- sollevo apertura alzo alzando apre",
        Action.CLOSE: "chiudo chiudendo abbassando chius- abbassat- chiusura abbasso chiude",
        Action.LOCK: "blocco bloccando chiave bloccat- chius- sicurezza",
        Action.UNLOCK: "sblocco sbloccando sbloccat-",
        Action.SET: "imposto impostando metto impostat- regolat- mess- cambiat- portat- porto modificat- regolando"
        " cambiando regolo",
        Action.RAISE: "alzo aumento alzat- aumentat- alzando aumentando",
        Action.LOWER: "abbasso abbassat- ridott- diminuit- abbassando riduco",
        Action.PLAY: "riprendo riprendendo riproduco riproduzione ripres- ripartit- riprodott- avvio",
        Action.PAUSE: "pausa",
        Action.NEXT: "saltato prossima",
        Action.MUTE: "silenziato silenziata",
        Action.START: "avvio avviando pulendo impostato avviat- iniziat- partit- pulizia inizia inizio",
        Action.STOP: "fermo annullo fermat- annullat- interrott- cancellat- arrestat- eliminat-",
        Action.SEND: "tornando ritorno torna ritornando rimandat- mandat- tornat- rientro rientrat-",
        Action.ADD: "aggiungo aggiunt- inserit- mess- segnat-",
        Action.REMOVE: "annullato rimoss- eliminat- tolt- cancellat-",
    },
    endings="o a i e",
    carriers="metti mettere",
    carried="messo metto",
    particles={
        Action.ON: "funzione",
        Action.PAUSE: "pausa",
    },
    states={
        Action.ON: "attiva",
        Action.SET: "rosso rossa verde blu bianco",
    },
    enclitics="la lo le li mi",
    copulas="è sono",
    bare="fatto",
    around_bare="ecco ok va bene certo è tutto d accordo perfetto",
    denials="non mai niente nulla nessun nessuna già ancora ieri fa era erano posso potrei quando sembra offline dal"
    " dall dalla dalle stamattina disponibile",
    refusals="non dispiace riuscito riesco posso impossibile",
    calming="problema",
    conditions="se quando",
    promises="vado",
    questions="quale quali chi dove quando perché come quanto quanti quante cosa è sono hai ha c",
    requests="puoi-chiudere puoi-aprire puoi-accendere puoi-spegnere puoi-mettere puoi-alzare puoi-abbassare"
    " puoi-bloccare puoi-aggiungere potresti-chiudere potresti-aprire potresti-accendere potresti-spegnere"
    " potresti-mettere può-spegnere può-accendere",
    talk="racconta raccontami spiega scrivi traduci cerca dimmi mostra descrivi immagina calcola aiuta leggi canta"
    " trova controllare dire dirmi guardare spiegare cercare dammi controlla guarda somma risolvi gioca pensa ricorda"
    " prenota elenca smetti",
    statements="stato è sono era ha hanno ho io c hai sta stanno abbiamo avete",
    subjects={
        "timer": "timer sveglia promemoria conto",
        "todo": "lista liste spesa shopping",
        "media_player": "volume audio riproduzione musica film video media brano canzone",
        "light": "luminosità",
        "climate": "temperatura riscaldamento",
        "scene": "scena",
        "script": "routine script",
        "": "tutto",
    },
    pronouns="lo la li le quello questo",
    too="e anche",
    glue="ora adesso e per",
    yes="sì si per favore ok va bene certo fallo grazie d accordo",
)
