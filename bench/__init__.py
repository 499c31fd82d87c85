"""What the published figures come from; each module is one command that prints a table."""
