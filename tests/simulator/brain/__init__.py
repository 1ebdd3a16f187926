"""The mind that answers when nothing is scripted."""
