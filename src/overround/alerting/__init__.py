"""Alerts: rules over what analysis says, and the delivery of what they find."""
