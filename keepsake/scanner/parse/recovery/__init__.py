"""Reads sources that their grammars cannot read whole: `recovering`, by what the others know."""
