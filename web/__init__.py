"""HTTP: a package for each resource, over what all share. `python -m web`."""
