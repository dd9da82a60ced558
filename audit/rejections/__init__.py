"""What was refused: listed, counted, shown, and put back after a fix (rule 19)."""
