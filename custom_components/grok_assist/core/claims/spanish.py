"""The words of Spanish orders and claims."""

from typing import Final

from .actions import Action
from .language import Language

SPANISH: Final = Language(
    openers={
        Action.STOP: "para",
        Action.PAUSE: "para",
    },
    orders={
        Action.ON: "enciende encienda encender encendé prende prenda prender prendé activa active activar activá"
        " conecta conecte conectar conectá ilumina pon poner",
        Action.OFF: "apaga apague apagar apagá desactiva desactive desactivar desactivá desconecta desconecte"
        " desconectar quita",
        Action.OPEN: "abre abra abrir abrí sube suba subir levanta levante levantar subí",
        Action.CLOSE: "cierra cierre cerrar cerrá baja baje bajar bajá",
        Action.LOCK: "bloquea bloquee bloquear cierra cerrar echa eche echar tranca",
        Action.UNLOCK: "desbloquea desbloquee desbloquear quita quite quitar abre abrir destraba",
        Action.SET: "pon ponga poner poné ajusta ajuste ajustar ajustá configura configurar establece establecer cambia"
        " cambie cambiar atenúa atenuar regula regular fija programa programar",
        Action.RAISE: "sube suba subir aumenta aumente aumentar incrementa incremente incrementar incrementá",
        Action.LOWER: "baja baje bajar reduce reduzca reducir disminuye disminuir atenúa decrementa decremente"
        " decrementar",
        Action.PLAY: "reproduce reproducir reanuda reanudar reanude continúa continuar toca sigue continúe",
        Action.PAUSE: "pausa pausar pause pausá",
        Action.NEXT: "siguiente salta",
        Action.MUTE: "silencia silenciar",
        Action.START: "inicia inicie iniciar iniciá empieza empezar comienza arranca limpia limpiar aspira pon programa"
        " ejecuta ejecute crea",
        Action.STOP: "pare parar detén detener detenga cancela cancele cancelar cancelá termina",
        Action.SEND: "envía enviar manda mandar devuelve devuelva devolver regresa regrese regresar retorna retorne"
        " vuelve",
        Action.ADD: "añade añada añadir añadí agrega agregue agregar apunta apuntar pon poner anota suma sume",
        Action.REMOVE: "elimina elimine eliminar quita quitar borra borrar cancela",
    },
    done={
        Action.ON: "encendiendo enciendo activando activo encendid- activad- prendid- conectad- iniciad- activación"
        " enciende prendiendo",
        Action.OFF: "apagando apago desactivando apagad- desactivad- desconectad- desactivación apaga",
        Action.OPEN: "abriendo abro subiendo abiert- subid- levantad- levantando apertura abre",
        Action.CLOSE: "cerrando cierro bajando bajo cerrad- bajad- cierre cierra",
        Action.LOCK: "bloqueando bloqueo cerrado cerrada bloquead- asegurad- asegurando",
        Action.UNLOCK: "desbloqueando desbloqueo desbloquead- abiert- desprotegid-",
        Action.SET: "pongo poniendo ajustando puest- ajustad- configurad- establecid- cambiad- atenuad- fijad-"
        " programad- regulad- estableciendo configurando cambiando atenuando",
        Action.RAISE: "subiendo subo aumentando subid- aumentad- elevad- elevando incrementad- iluminad- iluminando",
        Action.LOWER: "bajando bajo reduciendo bajad- reducid- disminuid- atenuad- disminuyendo",
        Action.PLAY: "reanudando reproduciendo sonando reanudad- reproducid- marcha",
        Action.PAUSE: "pausando pausa pausad- detenid-",
        Action.NEXT: "siguiente saltado",
        Action.MUTE: "silenciado silenciada",
        Action.START: "iniciando inicio limpiando creado marcha iniciad- empezad- comenzad- puest- empieza comienza",
        Action.STOP: "deteniendo cancelando eliminado detenid- parad- cancelad- terminad-",
        Action.SEND: "enviando volviendo regresando vuelve enviad- mandad- vuelt- regresad- devuelt-",
        Action.ADD: "añadiendo añadid- agregad- apuntad- anotad- agregando",
        Action.REMOVE: "eliminando eliminad- borrad- quitad- cancelad-",
    },
    endings="o a os as",
    carriers="pon poner ponga",
    carried="puesto pongo poniendo",
    particles={
        Action.ON: "marcha",
        Action.PAUSE: "pausa",
    },
    states={
        Action.ON: "marcha",
        Action.SET: "rojo roja verde azul blanco",
    },
    enclitics="la lo las los le me",
    copulas="está están",
    bare="hecho listo",
    around_bare="ya está claro vale ok bien de acuerdo todo perfecto",
    denials="no nunca nada ningún ninguna todavía aún desde ayer fue estaba puedo podría sigue hace parece sin"
    " disponible",
    denied_pairs="ya-está ya-están",
    refusals="no siento podido puedo imposible",
    calming="problema",
    conditions="si cuando",
    promises="voy acabo",
    questions="qué cuál cuáles quién dónde cuándo cómo cuánto cuántos cuántas cuánta está están hay es son has ha",
    requests="puedes-cerrar puedes-abrir puedes-encender puedes-apagar puedes-poner puedes-bajar puedes-subir"
    " puedes-bloquear puedes-añadir podrías-cerrar podrías-abrir podrías-encender podrías-apagar podrías-poner"
    " podrías-bajar podrías-subir puede-apagar puede-encender puede-cerrar puede-abrir quieres-apagar",
    talk="cuéntame explica explícame escribe traduce busca di dime muestra describe imagina calcula ayuda lee canta"
    " comprobar decir decirme contar buscar explicar mirar encuentra dame comprueba mira resuelve piensa reserva"
    " empieza juega recuerda",
    statements="estado está están es son ha han he hay estaba tengo yo fue soy hemos habéis",
    subjects={
        "timer": "temporizador temporizadores alarma despertador recordatorio cronómetro atrás",
        "todo": "lista listas compra",
        "media_player": "volumen sonido reproducción vídeo música película canción",
        "light": "brillo",
        "climate": "temperatura calefacción grados calor",
        "scene": "escena",
        "script": "rutina script",
        "": "todo",
    },
    pronouns="lo la los las eso esto",
    too="y también",
    glue="ahora y para por",
    yes="sí si por favor vale ok claro hazlo adelante gracias de acuerdo venga",
)
