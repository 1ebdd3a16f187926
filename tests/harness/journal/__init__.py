"""What the integration sends to the service, turn by turn, in a form in which two commits can be compared."""
