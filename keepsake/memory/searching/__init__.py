"""Finding what is remembered, and answering from it."""
