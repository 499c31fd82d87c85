"""From bytes to symbols: languages, queries, and the child processes that run the grammars."""
