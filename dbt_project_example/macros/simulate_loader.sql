{#-
    The CSV files never change, so every source would be stale for ever. In their place a loader
    would have written a minute ago. This hook plays that loader: it moves all `_loaded_at` of a
    table by the same amount, so that the newest is `minutes_ago` before now. The distances
    between the rows stay, and so does everything that happened in the business: `ordered_at`
    and its kin are never touched.
-#}
{% macro simulate_loader(minutes_ago) %}
    update {{ this }}
    set _loaded_at = _loaded_at + (
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
        - interval '{{ minutes_ago }} minutes'
        - (select max(_loaded_at) from {{ this }})
    )
{% endmacro %}
