"""A small source in each language, with what a scan has to find in it."""

from tests.unit.scanner.sources.browser import BROWSER
from tests.unit.scanner.sources.declaring import DECLARING
from tests.unit.scanner.sources.managed import MANAGED
from tests.unit.scanner.sources.native import NATIVE
from tests.unit.scanner.sources.queries import QUERIES
from tests.unit.scanner.sources.scripting import SCRIPTING

SOURCES = SCRIPTING | BROWSER | NATIVE | MANAGED | QUERIES | DECLARING
