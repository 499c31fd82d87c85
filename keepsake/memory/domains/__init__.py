"""What memories may be about: one declaration for each domain, beside the rules that read it."""
