"""The sentence embedding model all-MiniLM-L6-v2: `model.safetensors` (float16) and `vocab.txt`."""
