"""One module per stage: each takes a run and a checkpoint and yields the checkpoints after it."""
