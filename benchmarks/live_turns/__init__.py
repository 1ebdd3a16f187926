"""Cost of live conversations: a real Home Assistant, pages that are programs, and a simulator that speaks."""
