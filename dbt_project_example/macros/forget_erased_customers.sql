{#-
    A snapshot remembers what the source forgets. When a customer asks to be erased, the older
    versions have to lose names and contacts too; that there were versions may stay.
-#}
{% macro forget_erased_customers() %}
    update {{ this }}
    set first_name = null, last_name = null, email = null, phone = null
    where customer_id in (select customer_id from {{ ref('stg_customers') }} where email is null)
{% endmacro %}
