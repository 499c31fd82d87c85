"""The OpenAPI document, completed with what all routes share: see `document.py`."""
