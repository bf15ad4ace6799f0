"""Plants that send to depots that serve customers: one product or many."""
