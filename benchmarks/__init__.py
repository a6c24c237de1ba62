"""What takes longer than a lesson may: one command each, the results stored in ``tables``."""
