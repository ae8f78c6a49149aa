"""A small dbt project that holds what selection can trip over.

Two packages share model, source and folder names with the root; there are versions,
disabled nodes, dots in names, hooks, functions, tags and meta of every shape, and
selectors.yml in all its forms. ``write_project`` puts it into an empty folder.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

PROFILES = """
    alpha:
      target: dev
      outputs:
        dev: {type: duckdb, path: ":memory:"}
"""

ROOT = {
    "profiles.yml": PROFILES,
    "dbt_project.yml": """
        name: alpha
        version: "1.0"
        profile: alpha
        flags: {send_anonymous_usage_stats: false, use_colors: false}
        on-run-end: ["select count(*) from {{ ref('orders') }}", "{{ log('done') }}"]
        models:
          alpha:
            +meta: {owner: core}
            staging: {+tags: [staging, "nightly"], +materialized: view}
            marts: {+tags: marts, +materialized: table, +group: finance}
        data_tests: {+severity: warn}
        exposures: {alpha: {+enabled: true}}
    """,
    "packages.yml": """
        packages:
          - local: local_packages/beta
          - local: local_packages/gamma
    """,
    "selectors.yml": """
        selectors:
          - name: plain
            definition: tag:nightly
          - name: operators
            definition: "1+fqn:orders+2"
          - name: key_value
            definition: {tag: nightly}
          - name: full
            definition:
              method: config.materialized
              value: table
              parents: true
              parents_depth: 1
              children: true
              indirect_selection: cautious
              exclude:
                - tag:pii
                - method: package
                  value: beta
          - name: union_of_all
            definition:
              union:
                - "+stg_orders"
                - method: tag
                  value: "pi*"
                - intersection: [{tag: marts}, "config.meta.owner:core"]
                - exclude: ["test_type:singular", {method: fqn, value: legacy.events}]
          - name: both
            definition:
              intersection:
                - union: [{package: alpha}, "package:beta"]
                - method: resource_type
                  value: model
                  childrens_parents: yes
                - exclude: [{method: selector, value: plain}]
          - name: inherited
            description: all of one and some of another
            definition:
              union:
                - {method: selector, value: union_of_all}
                - {method: selector, value: full}
                - {method: config.meta.pii, value: true}
          - name: again
            definition: {method: selector, value: inherited}
          - name: no_steps
            definition: {method: fqn, value: orders, parents: true, parents_depth: 0}
          - name: careful
            definition:
              union:
                - {method: fqn, value: orders, indirect_selection: cautious}
                - {method: fqn, value: stg_customers, indirect_selection: buildable}
                - {method: tag, value: marts, indirect_selection: empty}
          - name: never_complete
            definition:
              union: [{fqn: stg_orders}, stg_customers]
          - name: nothing_left
            definition:
              intersection: ["tag:nightly", "tag:none_such"]
          - name: comma_is_text
            definition: "tag:nightly,tag:pii"
    """,
    "models/staging/_sources.yml": """
        version: 2
        sources:
          - name: erp
            config:
              tags: [raw, "nightly"]
              meta: {owner: vendor}
              freshness: {warn_after: {count: 1, period: day}}
            loaded_at_field: loaded_at
            tables:
              - name: customers
                columns:
                  - name: id
                    tags: [pii]
                    data_tests: [unique, not_null]
              - name: orders
                config: {tags: [big]}
                quoting: {identifier: true}
                data_tests: [{is_recent: {arguments: {days: 2}}}]
              - name: items
                config: {enabled: false}
              - name: lines
                external: {location: "s3://bucket/lines", file_format: csv}
          - name: crm
            schema: crm_raw
            database: memory
            tables:
              - {name: customers}
              - {name: orders.v2}
    """,
    "models/staging/stg_customers.sql": "select * from {{ source('erp', 'customers') }}",
    "models/staging/stg_orders.sql": (
        "{{ config(tags='big', meta={'pii': true, 'level': 3, 'rules': ['a', 'b']}) }}\n"
        "select * from {{ source('erp', 'orders') }} where {{ positive('amount') }}"
    ),
    "models/staging/stg_crm.sql": (
        "{{ config(materialized='ephemeral') }}\n"
        "select * from {{ source('crm', 'customers') }}, {{ source('crm', 'orders.v2') }}"
    ),
    "models/staging/stg_off.sql": "{{ config(enabled=false) }} select 1 as id",
    "models/staging/deep/er/stg_deep.sql": "select * from {{ ref('stg_crm') }}",
    "models/staging/_staging.yml": """
        version: 2
        models:
          - name: stg_customers
            description: one row per customer
            config:
              persist_docs: {relation: true, columns: true}
              grants: {select: [reader, "writer"]}
            columns:
              - name: id
                description: the key
                config: {tags: [pii, key]}
                data_tests: [unique, {not_null: {config: {severity: error, tags: [strict]}}}]
              - name: country
                data_tests:
                  - accepted_values: {arguments: {values: [de, fr]}, config: {enabled: false}}
          - name: stg_orders
            data_tests:
              - relationships:
                  name: orders_have_customers
                  arguments: {column_name: customer_id, to: ref('stg_customers'), field: id}
          - name: stg_deep
            config: {meta: {owner: deep, nested: {a: {b: x}}, keys: [one, two]}}
    """,
    "models/marts/orders.sql": (
        "{{ config(materialized='incremental', unique_key=['id', 'day']) }}\n"
        "select o.* from {{ ref('stg_orders') }} o join {{ ref('stg_customers') }} using (id)"
    ),
    "models/marts/legacy.events.sql": "select * from {{ ref('beta', 'orders') }}",
    "models/marts/empty.sql": "",
    "models/marts/dim_customers_v1.sql": "select 1 as id from {{ ref('stg_customers') }}",
    "models/marts/dim_customers_v2.sql": "select 1 as id from {{ ref('stg_customers') }}",
    "models/marts/dim_customers_v3.sql": "select 1 as id from {{ ref('dim_customers', v=2) }}",
    "models/marts/by_country.sql": (
        "select * from {{ ref('dim_customers') }}, {{ ref('countries') }}"
    ),
    "models/marts/forecast.py": (
        "def model(dbt, session):\n"
        "    dbt.config(materialized='table')\n"
        "    return dbt.ref('orders')\n"
    ),
    "models/marts/days.sql": "select date '2024-01-01' as day",
    "models/marts/_marts.yml": """
        version: 2
        groups:
          - {name: finance, owner: {name: Finance, email: fin@example.com}}
          - {name: sales, owner: {email: sales@example.com}}
        models:
          - name: orders
            access: public
            columns:
              - name: id
                data_tests: [unique, {expression_is_true: {arguments: {expression: "id > 0"}}}]
              - {name: day, granularity: day}
              - {name: amount}
              - {name: customer_id}
          - name: dim_customers
            latest_version: 2
            config: {group: sales}
            columns: [{name: id, data_type: int, data_tests: [unique]}]
            versions:
              - {v: 1, deprecation_date: 2030-01-01, config: {contract: {enforced: true}}}
              - {v: 2, access: public, config: {contract: {enforced: true}}}
              - {v: 3, config: {tags: [preview]}}
          - name: by_country
            config: {tags: [pii]}
            data_tests:
              - row_counts_match: {arguments: {other: ref('orders')}}
          - name: legacy.events
            config: {meta: {pii: "true"}, docs: {show: false}}
          - name: days
            time_spine: {standard_granularity_column: day}
            columns: [{name: day, granularity: day}]
        unit_tests:
          - name: orders_join
            model: orders
            config: {tags: [fast, nightly]}
            given:
              - {input: ref('stg_orders'), rows: [{id: 1}]}
              - {input: ref('stg_customers'), rows: [{id: 1}]}
            expect: {rows: [{id: 1}]}
          - name: versions_too
            model: dim_customers
            versions: {include: [1, 2]}
            given: [{input: ref('stg_customers'), rows: [{id: 1}]}]
            expect: {rows: [{id: 1}]}
        exposures:
          - name: board
            type: dashboard
            owner: {name: Ann, email: ann@example.com}
            tags: [weekly]
            maturity: high
            depends_on: ["ref('orders')", "ref('by_country')", "source('crm', 'customers')"]
          - name: api
            type: application
            owner: {email: it@example.com}
            config: {tags: [nightly], meta: {tier: 1}}
            depends_on: ["ref('dim_customers', v=1)", "metric('revenue')"]
    """,
    "models/semantic/_semantic.yml": """
        version: 2
        semantic_models:
          - name: sales
            model: ref('orders')
            config: {meta: {owner: bi}, group: finance, tags: [semantic]}
            defaults: {agg_time_dimension: sold_on}
            entities: [{name: order, type: primary, expr: id}]
            dimensions:
              - {name: sold_on, expr: day, type: time, type_params: {time_granularity: day}}
            measures: [{name: amount, agg: sum, expr: amount}, {name: rows, agg: count, expr: id}]
        metrics:
          - name: revenue
            label: Revenue
            type: simple
            config: {group: finance, tags: [in_config], meta: {tier: 1}}
            type_params: {measure: amount}
          - name: order_count
            label: Orders
            type: simple
            tags: [nightly]
            type_params: {measure: rows}
          - name: basket
            label: Basket
            type: ratio
            type_params: {numerator: revenue, denominator: order_count}
        saved_queries:
          - name: monthly
            config: {tags: [monthly, nightly]}
            query_params:
              metrics: [revenue, basket]
              group_by: ["TimeDimension('metric_time', 'month')"]
            exports: [{name: monthly, config: {export_as: table, alias: monthly}}]
    """,
    "seeds/countries.csv": "code,name\nde,Germany\n",
    "seeds/more/regions.csv": "code\neu\n",
    "seeds/_seeds.yml": """
        version: 2
        seeds:
          - name: countries
            config: {tags: [static], column_types: {code: varchar}}
            columns: [{name: code, data_tests: [unique]}]
    """,
    "snapshots/_snapshots.yml": """
        version: 2
        snapshots:
          - name: customers_history
            relation: ref('stg_customers')
            config: {strategy: check, unique_key: id, check_cols: all, tags: [nightly]}
    """,
    "analyses/look.sql": "select * from {{ ref('orders') }}",
    "functions/positive_amount.sql": "amount > 0",
    "functions/_functions.yml": """
        version: 2
        functions:
          - name: positive_amount
            config: {tags: [udf]}
            arguments: [{name: amount, data_type: float}]
            returns: {data_type: boolean}
    """,
    "models/marts/with_function.sql": (
        "select {{ function('positive_amount') }}(amount) as ok from {{ ref('orders') }}"
    ),
    "macros/positive.sql": (
        "{% macro positive(column) %}{{ column }} > {{ threshold() }}{% endmacro %}\n"
        "{% macro threshold() %}0{% endmacro %}"
    ),
    "macros/unused.sql": "{% macro unused() %}1{% endmacro %}",
    "tests/orders_have_lines.sql": (
        "select * from {{ ref('orders') }}, {{ ref('stg_orders') }}, {{ source('erp', 'lines') }}"
    ),
    "tests/customers_agree.sql": (
        "{{ config(tags=['strict'], severity='error') }}\n"
        "select * from {{ ref('stg_customers') }}, {{ ref('customers_history') }}\n"
        "where {{ positive('id') }}"
    ),
    "tests/off.sql": "{{ config(enabled=false) }} select * from {{ ref('orders') }}",
    "tests/no_parents.sql": "select 1 where false",
    "tests/generic/own.sql": (
        "{% test is_recent(model, days) %}select * from {{ model }}{% endtest %}\n"
        "{% test expression_is_true(model, column_name, expression) %}"
        "select * from {{ model }} where not ({{ expression }}){% endtest %}\n"
        "{% test row_counts_match(model, other) %}"
        "select * from {{ model }}, {{ other }}{% endtest %}"
    ),
}

BETA = {
    "dbt_project.yml": """
        name: beta
        version: "1.0"
        models:
          beta: {+tags: [from_beta], +schema: beta, staging: {+materialized: view}}
    """,
    "models/staging/stg_orders.sql": "select * from {{ source('erp', 'orders') }}",
    "models/staging/_beta.yml": """
        version: 2
        sources:
          - name: erp
            tables:
              - {name: orders, data_tests: [{not_null: {arguments: {column_name: id}}}]}
              - {name: stock}
        models:
          - name: stg_orders
            columns: [{name: id, data_tests: [unique, not_null]}]
    """,
    "models/orders.sql": (
        "select * from {{ ref('beta', 'stg_orders') }}, {{ source('erp', 'stock') }}"
    ),
    "models/other/extra.sql": (
        "{{ config(access='private', group='beta_group') }}\n"
        "select * from {{ ref('beta', 'orders') }}"
    ),
    "models/other/_groups.yml": """
        version: 2
        groups: [{name: beta_group, owner: {name: Beta}}]
        models:
          - name: extra
            description: private
    """,
    "seeds/stock_levels.csv": "id\n1\n",
    "tests/beta_orders.sql": "select * from {{ ref('beta', 'orders') }}, {{ ref('stock_levels') }}",
    "macros/beta.sql": "{% macro beta_only() %}1{% endmacro %}",
}

GAMMA = {
    "dbt_project.yml": """
        name: gamma
        version: "1.0"
        packages-install-path: nowhere
    """,
    "models/marts/gamma_mart.sql": "select * from {{ ref('gamma_base') }}",
    "models/gamma_base.sql": "select {{ gamma_one() }} as id",
    "models/_gamma.yml": """
        version: 2
        models:
          - name: gamma_base
            config: {meta: {owner: gamma}, tags: [nightly]}
            columns: [{name: id, data_tests: [unique]}]
        exposures:
          - name: board
            type: notebook
            owner: {email: gamma@example.com}
            depends_on: [ref('gamma_mart')]
    """,
    "macros/gamma.sql": "{% macro gamma_one() %}1{% endmacro %}",
}


def write_project(folder: Path) -> Path:
    """Write the project and its packages; dbt still has to install the packages."""
    parts = {"": ROOT, "local_packages/beta": BETA, "local_packages/gamma": GAMMA}
    for place, files in parts.items():
        for name, text in files.items():
            path = folder / place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return folder
