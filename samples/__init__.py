"""Small programs that show how an application uses the service."""
