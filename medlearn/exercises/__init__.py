"""The checks behind the exercises: one file a chapter, and the machinery that they share."""

from .machinery import Result, check, exercises_of, hint

__all__ = ["Result", "check", "exercises_of", "hint"]
