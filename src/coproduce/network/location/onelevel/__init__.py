"""One level of facilities that serve customers: without capacity, split or whole."""
