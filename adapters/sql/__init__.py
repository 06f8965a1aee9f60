"""The store: SQLAlchemy Core for what is written, plain SQL for what a person waits for."""
