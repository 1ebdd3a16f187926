"""What of the house may be known, and by whom."""
