"""From what was said to what may be remembered: sentences, facts, dates, code."""
