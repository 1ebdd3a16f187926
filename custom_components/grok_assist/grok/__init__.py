"""Client of the REST part of the xAI API that knows nothing of Home Assistant."""
