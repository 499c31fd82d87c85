"""Words in any language: how they are folded, cut and stemmed, and which language a text is in."""
