"""Four queries over raw flows, the only work that may outgrow a machine; two engines, one answer.

`duck` runs them on DuckDB in this process, `portable` as Ibis expressions on any server.
A relation of flows has the columns year, exporter, importer, product, value_usd.
"""
