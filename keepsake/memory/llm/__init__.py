"""Any OpenAI-compatible endpoint: asked in order, within a budget, and never paid twice."""
