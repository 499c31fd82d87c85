"""What the package shows to outsiders is there, and costs no grammar."""

import subprocess
import sys
from pathlib import Path

import pytest

from keepsake import scanner

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", scanner.__all__)
def test_every_name_that_the_package_shows_is_there(name):
    assert getattr(scanner, name) is not None


def test_no_name_loads_a_grammar():
    script = (
        "import sys; from keepsake import scanner\n"
        "assert not any(name.startswith('keepsake.scanner.') for name in sys.modules)\n"
        "[getattr(scanner, name) for name in scanner.__all__]\n"
        "assert 'keepsake.scanner.parse.pool' in sys.modules\n"
        "assert not any(name.startswith('tree_sitter') for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
