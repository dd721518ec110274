"""Tables of figures, each with its bar: ratios against a floor or an alternative in the same run."""
