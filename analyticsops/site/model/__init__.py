"""The data of a site. The page's TypeScript types are generated from these structs.

Instants are seconds since 1970 (UTC), lengths are seconds, shares are numbers from 0 to 1; what is
shared with other formats (standings, incidents, findings) has their ISO times.
A node is named by its place in :class:`~analyticsops.site.model.lineage.Nodes`, a column by its
*slot*: a node with n columns has n + 1 slots in a row, the first of which is its rows.
"""
