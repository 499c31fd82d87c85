"""The ways in which a name that somebody asks for may be stored.

`Shop.sell`, `Shop::sell` and `Shop#sell` ask for `sell` of `Shop`. JavaScript's `#hidden` and SQL's
`shop.customer` are names with their mark or dot.
"""

_MOST_PARTS = 20


def forms(name: str) -> tuple[str, ...]:
    """A qualified name with dots; two where a `#` may stand between names or begin one."""
    before, mark, last = name.replace("::", ".").rpartition("#")
    before = before.replace("#", ".")
    if not mark:
        return (last,)
    if not before or before.endswith("."):
        return (f"{before}#{last}",)
    return f"{before}.{last}", f"{before}.#{last}"


def stored(name: str) -> list[str]:
    """The names under which a symbol or a call that is asked for may be stored."""
    names = {name: None}
    for form in forms(name):
        parts = form.split(".")[-_MOST_PARTS:]
        names |= dict.fromkeys(".".join(parts[first:]) for first in range(len(parts)))
    return [form_of for form_of in names if form_of]


def ends(qualified: str, name: str) -> bool:
    """Whether `pkg.Class.method` ends in `Class.method`, at the border of a word."""
    whole = qualified.replace("::", ".")
    return any(whole == form or whole.endswith(f".{form}") for form in forms(name))
