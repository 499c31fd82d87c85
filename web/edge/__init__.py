"""What surrounds every request, and the form of its errors."""
