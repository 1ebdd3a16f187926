"""The spoken turns whose session is refused, lost or deaf.

Each answer has words of its own: Home Assistant keeps plain speech by its words, and asks for the same only once.
"""

from dataclasses import replace

from ..waiting import wait_until
from .spoken_turns import UPDATE
from .stage import Sent, Stage, saying


async def refused_socket(stage: Stage) -> Sent:
    """Be refused a session: the plain transcription hears the sentence, and a written answer is spoken plainly."""
    await stage.simulator.fault("unprocessable", path="/v1/realtime")
    await stage.simulator.script({"text": "All quiet."})
    turn = await stage.speak(saying("good_morning"))
    assert (turn.transcript, turn.speech) == ("Good morning.", "All quiet.")
    sent = await stage.sent()
    assert [request["reply_status"] for request in sent.of("/v1/realtime")] == [422]
    assert not sent.sessions
    assert_written(sent)
    return sent


async def lost_in_mid_sentence(stage: Stage) -> Sent:
    """Lose the socket while somebody speaks: another one hears the whole sentence from its beginning."""
    await stage.simulator.fault("drop_listening", times=1)
    await stage.simulator.script({"text": "All quiet."})
    microphone = saying("good_morning", tail_s=4.0)
    turn = await stage.speak(microphone)
    assert (turn.transcript, turn.speech) == ("Good morning.", "All quiet.")
    sent = await stage.sent()
    lost, other = sent.sessions
    assert lost["close_code"] == 1006
    assert sent.kinds(1) == [UPDATE]
    heard, all_of_it = [await stage.simulator.input_audio(session) for session in (lost, other)]
    assert heard
    assert all_of_it.startswith(heard)
    assert all_of_it == microphone.all_sound
    return replace(sent, sounds={0: "the beginning of what the next session heard"})


async def deaf_session(stage: Stage) -> Sent:
    """Speak to a session that hears nothing: the plain transcription does."""
    await stage.simulator.fault("silent_vad", times=1)
    await stage.simulator.script({"text": "It is a fine day."})
    turn = await stage.speak(saying("good_morning"))
    assert (turn.transcript, turn.speech) == ("Good morning.", "It is a fine day.")

    async def is_closed() -> bool:
        return bool((await stage.simulator.sessions())[0]["closed_at"])

    await wait_until(is_closed, "the deaf session is closed", deadline_s=10)
    sent = await stage.sent()
    assert sent.kinds() == [UPDATE]
    assert not sent.session["items"]
    assert_written(sent)
    return sent


def assert_written(sent: Sent) -> None:
    """Check that a sentence went through the plain transcription, a written answer and plain speech, once each."""
    paths = [request["path"] for request in sent.requests if request["path"] != "/v1/realtime"]
    assert paths == ["/v1/stt", "/v1/responses", "/v1/tts"]
