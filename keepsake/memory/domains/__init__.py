"""What memories may be about: one declaration for each domain, beside the rules that read it."""

import tomllib
from functools import cache
from importlib.resources import files


def words(name: str) -> frozenset[str]:
    """A list of words by its name in `lexicon.toml`."""
    return frozenset(_lexicon()[name].split())


@cache
def _lexicon() -> dict[str, str]:
    return tomllib.loads(files(__name__).joinpath("lexicon.toml").read_text("utf-8"))
