"""A web server that, when it stops, awaits first requests for long: `python -m`.

A test that stands still for more than the second that others wait would be too late.
"""

import sys

from web.server import master, process, protocol

if __name__ == "__main__":
    this = "tests.integration.web.expectant"
    if sys.argv[1:]:
        protocol._LAST_REQUEST_SECONDS = 20.0
        process.serve()
    else:
        sys.exit(master.main(this))
