"""docs/operating.md lists every setting, as the classes that declare them say."""

from collections import Counter

from keepsake.commands.settings import settings_of, tables, written_into
from keepsake.launcher import KINDS
from keepsake.storage.settings import Settings
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "operating.md").read_text()


def test_the_page_holds_what_make_docs_writes():
    assert tables() in PAGE
    assert written_into(PAGE) == PAGE


def test_every_setting_is_declared_once_and_has_a_meaning():
    declared = [(kind, name, field) for kind in KINDS for name, field in settings_of(kind)]

    variables = Counter(kind.variables()[name] for kind, name, _ in declared)
    assert [name for name, times in variables.items() if times > 1] == []
    assert [name for _, name, field in declared if not field.description] == []


def test_every_class_of_settings_is_listed():
    ours = {kind for kind in Settings.kinds.values() if not kind.__module__.startswith("tests.")}

    assert ours == set(KINDS)


def test_the_page_lists_every_variable_once():
    for kind in KINDS:
        for variable in kind.variables().values():
            assert PAGE.count(f"\n| `{variable}` | ") == 1, variable
