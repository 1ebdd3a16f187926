"""What only AI tasks need."""
