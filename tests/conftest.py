"""What all floors of the tests share: nothing but the place they start from."""
