"""HTTP: a package for each resource, over what all share. `uvicorn --factory web.app:serve`."""
