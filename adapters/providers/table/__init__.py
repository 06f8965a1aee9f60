"""The providers shipped with the program: plain data (as a page: docs/providers.md).

Read on every command, so nothing is computed here and no dialect is loaded. A provider of a known
dialect is one row. What nobody could confirm is named in the row's `uncertain`.
"""

from adapters.providers.table import gateways, hosts, local, makers

ROWS = (*makers.ROWS, *hosts.ROWS, *gateways.ROWS, *local.ROWS)
BY_ID = {row.id: row for row in ROWS}
