from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from keepsake.storage.inputs import BoundedName, NamedPair

NAMES = TypeAdapter(dict[Annotated[str, BoundedName(r"[\w-]")], int])
PAIR = TypeAdapter(Annotated[str, Field(max_length=80), NamedPair(r"[\w-]")])


@pytest.mark.parametrize("pair", ["a:", "n" * 64 + ":x", "हिन्दी:1", "a:b:c"])
def test_a_pair_has_a_name_of_up_to_64_characters(pair):
    assert PAIR.validate_python(pair) == pair


@pytest.mark.parametrize("pair", ["a", ":x", "a b:c", "a:\n", "n" * 65 + ":", "a:" + "x" * 79])
def test_what_is_no_such_pair_is_refused(pair):
    with pytest.raises(ValidationError):
        PAIR.validate_python(pair)


def test_the_schema_says_how_long_a_name_may_be():
    shown = PAIR.json_schema()

    assert (shown["pattern"], shown["maxLength"]) == (r"^[\w-]{1,64}:[^\x00-\x1f\x7f]*$", 80)


def test_a_name_has_up_to_64_characters_and_its_schema_says_so():
    assert NAMES.validate_python({"n" * 64: 1, "हिन्दी": 2})
    for name in ("", "n" * 65, "a b", "a\n"):
        with pytest.raises(ValidationError):
            NAMES.validate_python({name: 1})

    assert NAMES.json_schema() == {
        "type": "object", "patternProperties": {r"^[\w-]{1,64}$": {"type": "integer"}},
    }  # fmt: skip
