with products as (

    select * from {{ ref('stg_products') }}

),

product_views as (

    select * from {{ ref('int_product_views') }}

),

views_by_product as (

    select
        product_id,
        count(*) as view_count,
        count(distinct visitor_id) as viewer_count
    from product_views
    group by product_id

)

select
    products.product_id,
    products.sku,
    products.product_name,
    products.category,
    products.price,
    products.cost,
    cast(round((products.price - products.cost) / products.price, 4) as decimal(5, 4)) as margin_rate,
    products.is_active,
    coalesce(views_by_product.view_count, 0) as view_count,
    coalesce(views_by_product.viewer_count, 0) as viewer_count
from products
left join views_by_product using (product_id)
