select * from {{ ref('orders') }} where amount < {{ env_var('LIMIT', '0') }}
