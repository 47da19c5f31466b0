"""What `./sesame` needs before there is a `.venv`: the standard library only."""
