"""Small sources of one kind of definition each."""

from tests.unit.scanner.sources.small.browser import BROWSER
from tests.unit.scanner.sources.small.managed import MANAGED
from tests.unit.scanner.sources.small.native import NATIVE
from tests.unit.scanner.sources.small.queries import QUERIES
from tests.unit.scanner.sources.small.scripting import SCRIPTING

SMALL = [*SCRIPTING, *BROWSER, *NATIVE, *MANAGED, *QUERIES]
