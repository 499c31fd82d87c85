"""The commands of the command line, a module for each group of them.

Others that add commands (entry points of `keepsake.commands`) import from here what makes theirs
look and end alike. Loading a module loads no client: `keepsake --help` names every command, and
needs neither a service nor what speaks to one.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keepsake_client.commands.calling import Call, OutputCommand, ServiceCommand
    from keepsake_client.commands.exits import CommandFailed, Exit
    from keepsake_client.commands.findings import Finding
    from keepsake_client.commands.output import Column, Output

__all__ = [
    "Call",
    "Column",
    "CommandFailed",
    "Exit",
    "Finding",
    "Output",
    "OutputCommand",
    "ServiceCommand",
]
_MODULES = {
    "calling": ("Call", "OutputCommand", "ServiceCommand"),
    "exits": ("CommandFailed", "Exit"),
    "findings": ("Finding",),
    "output": ("Column", "Output"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
