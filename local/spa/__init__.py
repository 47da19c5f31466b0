"""Serves the built SPA as a static web app would: the fall-back for its own paths, and the headers of its settings."""
