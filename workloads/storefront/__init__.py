"""One image for every shop: a theme, a catalogue and the way to the shared checkout."""
