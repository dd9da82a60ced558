"""A website that plays the platform: who signs in, the videos, the page with the player."""
