"""What the rest of the path takes: crediting, loading, publishing, showing, and from end to end."""
