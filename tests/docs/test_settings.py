from pathlib import Path

import pytest

from keepsake.jobs.settings import JobSettings
from keepsake.jobs.vault import VaultSettings
from keepsake.launcher.settings import StackSettings
from keepsake.memory.settings import MemorySettings
from keepsake.scanner.settings import ScannerSettings
from keepsake.storage.mongo import MongoSettings
from middleware.broker import BrokerSettings
from middleware.management import ManagementSettings
from middleware.metrics import MetricsSettings
from web.settings import WebSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text()


@pytest.mark.parametrize(
    "settings",
    [
        BrokerSettings,
        JobSettings,
        MemorySettings,
        MongoSettings,
        ScannerSettings,
        StackSettings,
        VaultSettings,
        WebSettings,
        ManagementSettings,
        MetricsSettings,
    ],
)
def test_every_setting_is_documented_with_its_default(settings):
    missing = []
    for name, field in settings.model_fields.items():
        row = f"| `KEEPSAKE_{name.upper()}` | "
        plain = isinstance(field.default, int | float) and not isinstance(field.default, bool)
        shown = f"`{field.default:g}`" if plain and field.default < 1e6 else ""
        if plain and isinstance(field.default, int):
            shown = f"`{field.default}`"
        if row + shown not in PAGE:
            missing.append(row + shown)

    assert missing == []
