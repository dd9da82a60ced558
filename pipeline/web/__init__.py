"""What everything that shows pages in browsers shares."""
