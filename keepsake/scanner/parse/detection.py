"""As what a file is read: by its name, and by its content where the name does not say.

A name outweighs what stands in the file, since it is what its author and their tools go by.
"""

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from keepsake.scanner.parse.languages import LANGUAGES, OTHER

_BY_EXTENSION = {ext: language.name for language in LANGUAGES for ext in language.extensions}
_FILES = [(name, language.name) for language in LANGUAGES for name in language.files.split()]
_BY_FILE = {name: language for name, language in _FILES if "*" not in name}
_BY_PATTERN = [(name, language) for name, language in _FILES if "*" in name]
_BY_COMMAND = {
    command: language.name for language in LANGUAGES for command in language.commands.split()
}
_BY_ALIAS = {
    alias: language.name
    for language in LANGUAGES
    for alias in (language.name, *language.aliases.split())
}
_HEAD_BYTES, _TAIL_BYTES = 1_024, 512
_SHEBANG = re.compile(rb"#![ \t]*(\S[^\n]{0,200})")
_RUNNERS = frozenset({"env", "npx", "bunx", "exec", "sudo", "nix-shell"})
"""They are given the command that counts."""
_VERSION = re.compile(r"[-.\d]*$")
_VIM = re.compile(
    rb"(?:^|[ \t])(?:vim?|ex):[^\n]{0,100}?\b(?:ft|filetype|syntax)=(\w+)", re.MULTILINE
)
_EMACS = re.compile(
    rb"-\*-[ \t]*(?:[^\n]{0,100}?\bmode:[ \t]*)?([\w+#-]+)[ \t]*(?:;[^\n]{0,100}?)?-\*-"
)
_MARKS = (
    (re.compile(rb"\s{0,20}<\?php\b"), "php"),
    (re.compile(rb"\s{0,20}<\?xml\b"), "xml"),
    (re.compile(rb"#(compdef|autoload)\b"), "bash"),
)
"""How a file begins that no other language begins with."""


def language_of(path: str) -> str:
    """The language of a file by its name; `other` when that does not say it."""
    place = PurePosixPath(path)
    name = place.name
    by_name = _BY_FILE.get(name) or _BY_EXTENSION.get(place.suffix.lower())
    return by_name or next(
        (language for pattern, language in _BY_PATTERN if fnmatchcase(name, pattern)), OTHER
    )


def language_in(language: str, text: bytes) -> str:
    """The language of a file by its name, or by its content where that says `other`."""
    return _by_content(text) if language == OTHER else language


def named_language(name: str) -> str | None:
    """The language that editors, notebooks and attributes call so; None for an unknown one."""
    return _BY_ALIAS.get(name.strip().lower().replace(" ", "-"))


def command_language(line: str) -> str | None:
    """The language of a script by the command that runs it, as it stands after `#!`."""
    for word in line.split():
        command = word.rpartition("/")[2].lower()
        if word.startswith("-") or "=" in word or command in _RUNNERS:
            continue
        return _BY_COMMAND.get(command) or _BY_COMMAND.get(_VERSION.sub("", command))
    return None


def _by_content(text: bytes) -> str:
    if match := _SHEBANG.match(text):
        return command_language(match[1].decode("utf-8", "replace")) or _by_modeline(text) or OTHER
    marked = next((language for mark, language in _MARKS if mark.match(text)), None)
    return marked or _by_modeline(text) or OTHER


def _by_modeline(text: bytes) -> str | None:
    """What the file tells Vim in its first or last lines, or Emacs in its first."""
    head = text[:_HEAD_BYTES]
    match = _EMACS.search(head) or _VIM.search(head) or _VIM.search(text[-_TAIL_BYTES:])
    return named_language(match[1].decode()) if match else None
