"""How providers are spoken with."""
