"""What a scan does: fetching (resolve, fetch, diff), indexing (parse, publish, tidy), enriching.

Each stage takes a run and a checkpoint, and yields the checkpoints after it.
"""
