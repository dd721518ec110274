"""The latest state of every price, in memory."""
