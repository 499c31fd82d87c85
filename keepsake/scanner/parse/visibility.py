"""Whether a definition can be used from outside, by what is written at it.

Each rule takes the name, what stands before it in the definition and the kind of what is around.
What is around it in turn is for `symbols` to look at.
"""

from collections.abc import Callable

Exported = Callable[[str, bytes, str], bool]

OPEN = frozenset({"interface", "trait", "shown"})
"""What is in them is as visible as they are, if nothing says otherwise."""
_TYPES = frozenset({"class", "struct", "interface", "enum", "trait"})
_HIDING = frozenset({b"private", b"fileprivate", b"protected", b"internal", b"private[this]"})
_ZIGS_OWN = frozenset({b"fn", b"const"})
_ELIXIRS_OWN = frozenset({b"defp", b"defmacrop", b"defguardp", b"defnp", b"typep"})


def without_underscore(name: str, _: bytes, __: str) -> bool:
    """Python's and Ruby's custom."""
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def capital(name: str, _: bytes, __: str) -> bool:
    """Go's rule."""
    return name[:1].isupper()


def public(name: str, before: bytes, around: str) -> bool:
    """Java's and C#'s word; in an interface it is understood."""
    if around in OPEN:
        return unhidden(name, before, around)
    words = before.split()
    return b"public" in words or b"namespace" in words


def pub(_: str, before: bytes, around: str) -> bool:
    """Rust's word; `pub(crate)` is not for outsiders, and what a trait asks for is as it is."""
    words = before.split()
    return b"pub" in words or b"#[macro_export]" in words or around in OPEN


def unhidden(name: str, before: bytes, _: str) -> bool:
    """Where all is open that is not called private, protected or internal."""
    return not name.startswith("#") and _HIDING.isdisjoint(before.split())


def pub_or_member(_: str, before: bytes, around: str) -> bool:
    """Zig's word; fields and values of a type need none."""
    words = before.split()
    return b"pub" in words or (around in _TYPES and _ZIGS_OWN.isdisjoint(words))


def not_local(_: str, before: bytes, __: str) -> bool:
    """Lua's word."""
    return b"local" not in before.split()


def not_defp(_: str, before: bytes, __: str) -> bool:
    """Elixir's words for what a module keeps to itself."""
    return _ELIXIRS_OWN.isdisjoint(before.split())


def not_static(_: str, before: bytes, around: str) -> bool:
    """C's rule for what stands in no type."""
    return around in _TYPES or b"static" not in before.split()
