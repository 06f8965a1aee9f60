"""What keeps the promises of `application.ports` with real technology."""
