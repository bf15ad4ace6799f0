"""Where to open, whom to serve from where: public location problems, solved with a certificate.

Nothing is imported here; the registry knows which module reads, solves and checks a format.
"""
