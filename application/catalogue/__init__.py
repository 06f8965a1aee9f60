"""What models there are: asked of providers, fetched, kept."""
