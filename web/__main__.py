"""`python -m web`: the HTTP server, as `KEEPSAKE_HTTP_…` and `KEEPSAKE_WEB_…` say."""

import sys

from web.server.master import main

if __name__ == "__main__":
    sys.exit(main())
