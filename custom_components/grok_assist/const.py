"""Names that several files of the integration share."""

from typing import Final

DOMAIN: Final = "grok_assist"

CONF_BASE_URL: Final = "base_url"
CONF_TEAM_ID: Final = "team_id"
CONF_RECOMMENDED: Final = "recommended"
CONF_CHAT_MODEL: Final = "chat_model"

DEFAULT_BASE_URL: Final = "https://api.x.ai/v1"
KEY_VARIABLE: Final = "XAI_API_KEY"

CONF_CREATE_PIPELINE: Final = "create_pipeline"
CONF_KNOWN_TYPES: Final = "known_types"
"""Subentry types that the entry had its default of: what the user deletes does not come back."""
CONF_PIPELINE_MADE: Final = "pipeline_made"

SUBENTRY_CONVERSATION: Final = "conversation"
SUBENTRY_VOICE: Final = "voice"
SUBENTRY_STT: Final = "stt"
SUBENTRY_TTS: Final = "tts"
SUBENTRY_AI_TASK: Final = "ai_task_data"
DEFAULT_SUBENTRIES: Final = {
    SUBENTRY_CONVERSATION: "Grok",
    SUBENTRY_VOICE: "Grok Voice",
    SUBENTRY_STT: "Grok STT",
    SUBENTRY_TTS: "Grok TTS",
    SUBENTRY_AI_TASK: "Grok AI Task",
}
"""Types in the order of the forms, and the name of each one's default."""
PIPELINE_NAME: Final = "Grok Voice"

KEYS_URL: Final = "https://console.x.ai"
BILLING_URL: Final = "https://console.x.ai/team/default/billing"

NO_WORDS: Final = "…"
"""What an agent is told where there are no words, so that it can say what went wrong."""
