"""What takes longer than a lesson may: run by hand, one command each, with stored tables."""
