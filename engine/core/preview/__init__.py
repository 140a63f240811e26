"""What comes for one deal: the calendar if nothing happens, each branch, the picture. Played with the real steps."""
