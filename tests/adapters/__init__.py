"""Tests of the client's adapters against the packages that they are for: `make adapters`."""
