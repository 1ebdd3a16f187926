"""What is left of a thousand turns, typed and spoken, ordinary and odd, in one Home Assistant."""
