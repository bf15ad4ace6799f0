"""Recounts of solution files: exact arithmetic, no solver, no code of the engine."""
