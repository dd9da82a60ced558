"""What processes say of themselves: one line an event, on stderr."""
