"""How large a request may be, by what its route takes: held before anything is parsed."""
