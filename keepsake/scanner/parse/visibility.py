"""Whether a definition can be used from outside, by what is written at it.

Each rule takes the name, the words before it and the kind of what is around. What is around it in
turn is for `symbols` to look at.
"""

from collections.abc import Callable, Container

Exported = Callable[[str, Container[str], str], bool]

OPEN = frozenset({"interface", "trait", "shown"})
"""What is in them is as visible as they are, if nothing says otherwise."""
_TYPES = frozenset({"class", "struct", "interface", "enum", "trait"})
_HIDING = ("private", "fileprivate", "protected", "internal", "private[this]")


def without_underscore(name: str, _: Container[str], __: str) -> bool:
    """Python's and Ruby's custom."""
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def capital(name: str, _: Container[str], __: str) -> bool:
    """Go's rule."""
    return name[:1].isupper()


def public(name: str, words: Container[str], around: str) -> bool:
    """Java's and C#'s word; in an interface it is understood."""
    if around in OPEN:
        return unhidden(name, words, around)
    return "public" in words or "namespace" in words


def pub(_: str, words: Container[str], around: str) -> bool:
    """Rust's word; `pub(crate)` is not for outsiders, and what a trait asks for is as it is."""
    return "pub" in words or "#[macro_export]" in words or around in OPEN


def unhidden(name: str, words: Container[str], _: str) -> bool:
    """Where all is open that is not called private, protected or internal."""
    return not name.startswith("#") and not any(word in words for word in _HIDING)


def pub_or_member(_: str, words: Container[str], around: str) -> bool:
    """Zig's word; fields and values of a type need none."""
    return "pub" in words or (around in _TYPES and "fn" not in words and "const" not in words)


def not_local(_: str, words: Container[str], __: str) -> bool:
    """Lua's word."""
    return "local" not in words


def not_defp(_: str, words: Container[str], __: str) -> bool:
    """Elixir's words for what a module keeps to itself."""
    return not any(word in words for word in ("defp", "defmacrop", "defguardp", "defnp"))


def not_static(_: str, words: Container[str], around: str) -> bool:
    """C's rule for what stands in no type."""
    return around in _TYPES or "static" not in words
