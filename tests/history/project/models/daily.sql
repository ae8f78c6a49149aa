{{ config(enabled=env_var('BATCHES', '') == 'yes', materialized='incremental', incremental_strategy='microbatch', event_time='placed_at',
  begin='2026-01-01', batch_size='day', lookback=0) }}
select order_id, placed_at,
  {% if env_var('BREAK_BATCH', '') and model.batch and '2026-01-02' in model.batch.event_time_start | string %} cast('x' as int) {% else %} 1 {% endif %} as n
from {{ ref('orders') }}
