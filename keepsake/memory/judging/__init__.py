"""What a new fact does to those that are stored."""
