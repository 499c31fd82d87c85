"""Resolution of imports to files, by language: pure functions over what a project has.

`Resolver` answers which files an import means, and by which words the imports of a file are looked
up. `Project` is all that it needs to know. What is certain by the rules of the language and by the
project's manifests is `sure`; what is only likely is not.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.scanner.resolve.manifests import is_manifest
    from keepsake.scanner.resolve.project import ImportTarget, Project
    from keepsake.scanner.resolve.resolver import Resolver

__all__ = ["ImportTarget", "Project", "Resolver", "is_manifest"]
_HOMES = {
    "manifests": ("is_manifest",),
    "project": ("ImportTarget", "Project"),
    "resolver": ("Resolver",),
}

__getattr__ = lazily(__name__, {name: module for module, names in _HOMES.items() for name in names})
