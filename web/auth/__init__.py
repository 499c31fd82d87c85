"""Who asks: keys and scopes, how much each may ask for, and what operators did."""
