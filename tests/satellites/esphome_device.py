"""What an ESPHome voice device says about itself: a Voice PE in all that concerns Assist."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from aioesphomeapi import MediaPlayerFormatPurpose, VoiceAssistantFeature, api_pb2

from .esphome_wire import Message

API_VERSION: Final = (1, 12)
# Newer than any release that Home Assistant warns about.
FIRMWARE: Final = "2026.10.0"
PLAYER_KEY: Final = 1

_PLAYER_FEATURES: Final = (
    VoiceAssistantFeature.VOICE_ASSISTANT
    | VoiceAssistantFeature.API_AUDIO
    | VoiceAssistantFeature.TIMERS
    | VoiceAssistantFeature.ANNOUNCE
    | VoiceAssistantFeature.START_CONVERSATION
)
_SPEAKER_FEATURES: Final = (
    VoiceAssistantFeature.VOICE_ASSISTANT | VoiceAssistantFeature.SPEAKER | VoiceAssistantFeature.API_AUDIO
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """The form in which a device wants its announcements, answers among them."""

    name: str = "flac"
    rate: int = 48_000


FLAC_48: Final = Format()
WAV_48: Final = Format(name="wav")
WAV_16: Final = Format(name="wav", rate=16_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One device."""

    name: str = "voice-pe"
    friendly_name: str = "Voice PE"
    mac: str = "02:00:00:00:00:01"
    announcement: Format | None = FLAC_48
    """None for a device with a raw speaker, to which Home Assistant pushes 16 kHz audio."""

    @property
    def has_player(self) -> bool:
        """Whether it fetches audio by its address."""
        return self.announcement is not None

    @property
    def hello(self) -> Message:
        """The first answer."""
        major, minor = API_VERSION
        return _made(
            "HelloResponse",
            api_version_major=major,
            api_version_minor=minor,
            server_info=f"{self.name} (esphome {FIRMWARE})",
            name=self.name,
        )

    @property
    def device(self) -> Message:
        """Who it is and what it can do."""
        return _made(
            "DeviceInfoResponse",
            name=self.name,
            friendly_name=self.friendly_name,
            mac_address=self.mac,
            esphome_version=FIRMWARE,
            manufacturer="Nabu Casa",
            model="Home Assistant Voice PE",
            voice_assistant_feature_flags=int(_PLAYER_FEATURES if self.has_player else _SPEAKER_FEATURES),
        )

    @property
    def entities(self) -> list[Message]:
        """Its entities, and the end of their list."""
        done = _made("ListEntitiesDoneResponse")
        if self.announcement is None:
            return [done]
        format_ = _made(
            "MediaPlayerSupportedFormat",
            format=self.announcement.name,
            sample_rate=self.announcement.rate,
            num_channels=1,
            sample_bytes=2,
            purpose=int(MediaPlayerFormatPurpose.ANNOUNCEMENT),
        )
        player = _made(
            "ListEntitiesMediaPlayerResponse",
            object_id="media_player",
            key=PLAYER_KEY,
            name="Media player",
            supports_pause=True,
            supported_formats=[format_],
        )
        return [player, done]

    @property
    def states(self) -> list[Message]:
        """The states of the entities."""
        # 1 is idle.
        state = _made("MediaPlayerStateResponse", key=PLAYER_KEY, state=1, volume=0.5, muted=False)
        return [state] if self.has_player else []

    @property
    def answers(self) -> dict[str, Callable[[], list[Message]]]:
        """What it answers to the questions of Home Assistant, by the name of the question."""
        return {
            "HelloRequest": lambda: [self.hello],
            "AuthenticationRequest": lambda: [_made("AuthenticationResponse")],
            "PingRequest": lambda: [_made("PingResponse")],
            "DeviceInfoRequest": lambda: [self.device],
            "ListEntitiesRequest": lambda: self.entities,
            "SubscribeStatesRequest": lambda: self.states,
            "DeviceCapabilitiesRequest": lambda: [_made("DeviceCapabilitiesResponse")],
            "VoiceAssistantConfigurationRequest": lambda: [
                _made(
                    "VoiceAssistantConfigurationResponse",
                    available_wake_words=[
                        _made("VoiceAssistantWakeWord", id="okay_nabu", wake_word="Okay Nabu", trained_languages=["en"])
                    ],
                    active_wake_words=["okay_nabu"],
                    max_active_wake_words=1,
                )
            ],
        }


def request_of(*, conversation_id: str = "", starts: bool = True) -> Message:
    """Ask for a run, or signal that the device has stopped."""
    return _made("VoiceAssistantRequest", start=starts, conversation_id=conversation_id, flags=0)


def audio_of(pcm: bytes) -> Message:
    """Carry a piece of audio."""
    return _made("VoiceAssistantAudio", data=pcm)


def finished() -> Message:
    """Report that an answer or announcement has been played."""
    return _made("VoiceAssistantAnnounceFinished", success=True)


def goodbye() -> Message:
    """Agree to part."""
    return _made("DisconnectResponse")


# The messages are made by protobuf at run time, so nothing is known of their fields here.
def _made(kind: str, /, **fields: Any) -> Message:
    """Make a message."""
    message: Message = getattr(api_pb2, kind)(**fields)
    return message
