"""`/console`: pages for operators and owners, made on the server.

A page is a rendering of what the API answers. It asks the API within the process as the key of the
session, so rights, limits, validation and the audit log are the API's, and stated there alone.

To add a page:

1. A module here with a `Section` and its routes. Each takes a `Page`, asks `page.api`, and returns
   `page.render("name.html", …)`. A form is read by `await page.form()`; that it comes from a page
   of this session has been checked. What the API refuses becomes a page with its words by itself.
2. A template `templates/name.html` that extends `base.html`; `parts.html` has the macros for times,
   states, pages of lists, and forms. No inline script or style: the policy forbids both.
3. A line in `_SECTIONS` of `application`, in the order of the menu.
4. A line in `PAGES` of `tests/browser/pages.py`: each page is looked at by axe in light and dark,
   and at 360 px. What it does is tried in a file of its own there.

- `application`: the console as an application of its own, below `/console`.
- `page`: what a route of a page has: who is signed in, the API, the form, the templates.
- `sessions`, `signing_in`: who is signed in, and how one becomes it; `forms`: what is sent.
- `rendering`: templates and headers; `assets`: what pages load.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from web.console import links
    from web.console.application import Console
    from web.console.sessions import PATH

__all__ = ["PATH", "Console", "links"]

__getattr__ = lazily(__name__, {"Console": "application", "PATH": "sessions"})
