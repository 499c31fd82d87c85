"""The sentence embedding model multilingual-e5-small in 4 bits, and its vocabulary."""
