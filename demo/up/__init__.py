"""`xueshi up`: everything on this machine, with a website that plays the platform."""
