"""Raw trade files → one trade data folder: flows by pair, product and year, with its report."""
