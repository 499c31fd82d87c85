"""Every route of the application, for tests that walk them."""

from fastapi.routing import APIRoute

from web import app

ROUTES = [
    (method, route.path, route)
    for resource in app._RESOURCES
    for route in resource.router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods)
]
