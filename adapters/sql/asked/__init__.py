"""The journal asked, in the SQL that every back end takes. Nothing here loads SQLAlchemy."""
