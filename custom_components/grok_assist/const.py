"""Names that several files of the integration share."""

from typing import Final

DOMAIN: Final = "grok_assist"

CONF_BASE_URL: Final = "base_url"
CONF_TEAM_ID: Final = "team_id"
CONF_RECOMMENDED: Final = "recommended"
CONF_CHAT_MODEL: Final = "chat_model"

DEFAULT_BASE_URL: Final = "https://api.x.ai/v1"
KEY_VARIABLE: Final = "XAI_API_KEY"

SUBENTRY_CONVERSATION: Final = "conversation"

KEYS_URL: Final = "https://console.x.ai"
BILLING_URL: Final = "https://console.x.ai/team/default/billing"
