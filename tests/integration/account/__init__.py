"""What an account may do, uses and costs, in a running Home Assistant."""
