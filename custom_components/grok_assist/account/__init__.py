"""What one account may do, uses and costs."""
