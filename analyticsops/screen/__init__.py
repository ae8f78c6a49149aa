"""What a terminal of a given width shows: pages, trees, tables and sparklines of plain words.

Whoever draws has encoded foreign words before (:func:`analyticsops.report.encode.one_line`),
and hands them on as :class:`rich.text.Text`, which is never read as markup.
"""
