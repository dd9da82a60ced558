"""Players that speak xAPI: their statements become the same events as `POST /v1/events` takes."""
