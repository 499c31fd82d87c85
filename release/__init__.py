"""What a release says of itself: its parts with their licences, and a bill of materials."""
