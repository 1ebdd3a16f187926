"""What an assistant may only do after the user has said yes."""
