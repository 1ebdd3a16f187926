"""Cost of a text turn: one Home Assistant, three agents, and a server that answers at once."""
