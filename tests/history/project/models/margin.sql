select * from {{ ref('small') }} cross join {{ ref('revenue') }}
