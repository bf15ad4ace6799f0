"""Measures of supply security: balance, concentration, cuts, importance, lists."""
