"""Overround: real-time odds of many bookmakers beside your own, on one screen."""

__version__ = "0.1.0"
