select sum(amount) as revenue{% if env_var('BREAK_MODEL', '') %}, cast('secret-4711' as int) as wrong{% endif %}
from {{ ref('open_orders') }}
