"""The rules of GOV as data: owners, exposures, tags and descriptions."""

from __future__ import annotations

from analyticsops.findings import Direction, Rule, Severity, Strictness

OWNER_REMOVED = Rule(
    code="GOV801",
    name="owner-removed",
    severity=Severity.WARNING,
    strictness=Strictness.KPI,
    direction=Direction.LOOSENS,
    mirror="GOV805",
    summary="Nobody owns a node that had an owner.",
    why="Nobody is asked when it changes, and nobody answers when it looks wrong.",
    example="```diff\n  - name: fct_orders\n-   group: finance\n```",
    advice="Name who answers for it now, by a group or by `meta.analyticsops.owner`.",
)

EXPOSURE_REMOVED = Rule(
    code="GOV802",
    name="exposure-removed",
    severity=Severity.WARNING,
    strictness=Strictness.KPI,
    direction=Direction.LOOSENS,
    mirror="GOV806",
    summary="An exposure was removed, or no longer depends on something.",
    why="Changes that hit the dashboard are no longer seen, if it still exists.",
    example="```diff\n  depends_on:\n-   - ref('fct_orders')\n```",
    advice="Remove it only when the dashboard is gone.",
)

TAGS_CHANGED = Rule(
    code="GOV803",
    name="tags-or-meta-changed",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.UNDETERMINED,
    mirror="GOV803",
    summary="Tags or meta of a node or column changed.",
    why="Selections, masking policies and catalogs go by them.",
    example="```diff\n  - name: email\n-   tags: [pii]\n```",
    advice="See with `analyticsops lineage tags` where a tag should arrive.",
)

DESCRIPTION_REMOVED = Rule(
    code="GOV804",
    name="description-removed",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.LOOSENS,
    mirror="GOV807",
    summary="A node or column has no description any more.",
    why="What is not written down is read in as many ways as there are readers.",
    example="```diff\n  - name: net_revenue\n-   description: Without taxes and refunds.\n```",
    advice="Restore it, or say it in other words.",
)

OWNER_ADDED = Rule(
    code="GOV805",
    name="owner-added",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="GOV801",
    summary="A node that nobody owned has an owner.",
    why="Shown so that the owner sees it.",
    example="```diff\n  - name: fct_orders\n+   group: finance\n```",
    advice="Nothing to do.",
)

EXPOSURE_ADDED = Rule(
    code="GOV806",
    name="exposure-added",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="GOV802",
    summary="An exposure is new, or depends on more.",
    why="From now on changes that hit it are reported for it.",
    example="```diff\n  depends_on:\n+   - ref('fct_orders')\n```",
    advice="Name its owner, and its columns in `meta.analyticsops.columns`.",
)

DESCRIPTION_ADDED = Rule(
    code="GOV807",
    name="description-added",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="GOV804",
    summary="A node or column is described that was not.",
    why="Shown so that a reviewer checks whether it is true.",
    example="```diff\n  - name: net_revenue\n+   description: Without taxes and refunds.\n```",
    advice="Nothing to do.",
)
