"""What a prompt needs of an index: its map, outlines, snippets and histories, within a budget."""
