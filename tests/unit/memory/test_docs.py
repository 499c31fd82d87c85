from pathlib import Path

import pytest

from keepsake.inference.settings import LlmSettings
from keepsake.memory.searching.ranking import WEIGHTS
from keepsake.memory.settings import MemorySettings

PAGE = (Path(__file__).parents[3] / "docs" / "memory.md").read_text()


@pytest.mark.parametrize("settings", [LlmSettings, MemorySettings])
def test_every_setting_is_documented_with_its_default(settings):
    prefix = settings.model_config["env_prefix"]
    missing = []
    for name, field in settings.model_fields.items():
        plain = isinstance(field.default, int | float)
        shown = f"`{field.default:.15g}` |" if plain else "none |"
        if field.default and isinstance(field.default, str):
            shown = f"`{field.default}` |"
        row = f"| `{prefix}{name.upper()}` | {shown}"
        if row not in PAGE:
            missing.append(row)

    assert missing == []


def test_every_weight_is_documented():
    assert [name for name in WEIGHTS if f"`{name}`" not in PAGE] == []
