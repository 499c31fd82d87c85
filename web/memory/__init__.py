"""`/v2/memory`: what is remembered, found, changed and taken back."""
