"""Voice satellites that Home Assistant's own integrations take for real ones."""
