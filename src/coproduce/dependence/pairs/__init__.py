"""Two countries: what they trade, what they could, and what they could make together."""
