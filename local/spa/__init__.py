"""Serves the built web app like Azure Static Web Apps: with the fallback route and the headers of its configuration."""
