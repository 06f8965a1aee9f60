"""The catalogue that is shipped: facts of models, read a provider at a time (NOTICE: whose)."""
