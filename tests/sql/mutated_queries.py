"""Queries that mutants are made of."""

from __future__ import annotations

QUERIES = (
    "select a.id, a.x, b.z from a join b on a.id = b.id where a.x > 1 and b.z < 4",
    "select a.id, b.z, coalesce(b.z, 0) as zz from a left join b on a.id = b.id and b.y > 1",
    "select id, sum(x) as s, count(y) as n, max(x) as m from a where y > 0 group by id",
    "select id, x, row_number() over (partition by x order by id, y, x) as r from a",
    "select id, x from a where exists (select 1 from b where b.id = a.id and b.z > 1)",
    "select id, x from a where id not in (select id from b where z > 2)",
    "select id, (select max(z) from b where b.id = a.id) as m, x + y as s from a",
    "select id, x from a union all select id, z from b where z > 1",
    "select id from a union select id from b",
    "select id, x from a except select id, z from b",
    "with c as (select id, x, y from a where x > 1), "
    "d as (select id, sum(z) as s from b group by id) "
    "select c.id, c.y, d.s from c left join d on c.id = d.id where c.y < 4",
    "select p.id, q.x, p.y from a p join a q on p.id = q.x where p.y > q.y",
    "select distinct x, y from a where x <> y",
    "select id, case when x > 2 then 'hi' when y = 1 then 'lo' else 'no' end as c from a",
    "select x, y, count(*) as n from a group by x, y having count(*) > 1",
    "select id, x, y from a qualify count(*) over (partition by x) > 1",
    "select id, x, y from a order by id, x, y limit 3",
    "select id, z from a full join b using (id)",
    "select a.id, b.z, c.x from a left join b on a.id = b.id left join a c on c.id = b.y",
    "select a.id, u.v from a, lateral (select b.z + a.x as v from b where b.id = a.id) u",
    "select x, sum(y) over (partition by id order by x, y "
    "rows between 1 preceding and current row) as s from a where id > 0",
    "select a.id, a.x from a semi join b on a.id = b.id and b.z > a.x",
    "select a.id, count(distinct b.z) as n from a left join b on b.id = a.id group by a.id",
    "select s.id, s.m - s.n as d from (select id, max(x) as m, min(y) as n from a group by 1) s",
    "select x, y, sum(id) as s from a group by rollup (x, y)",
    "select v.p, v.q, a.x from a join (values (1, 2), (3, 4), (1, 0)) as v(p, q) on a.id = v.p",
    "select id, x in (1, 2) as f, x between 1 and 3 as g, not (y > 2) as h from a",
    "with c as (select p.id as i, q.x as v from a p join a q on p.id <> q.id) "
    "select c.v, a.x as w from c join a on a.id = c.i",
    "select id, y / 2 as h, -x as m, x || '' as t, abs(x - y) as d from a where y is not null",
    "select a.x, b.y from a, b where a.id = b.id and (a.x = 1 or b.y = 2) and not (a.x = b.y)",
    "select x, sum(y) as s from a where x > 1 group by x having count(*) > 1",
    "select x, max(y) as m from a where x > 1 and y < 4 group by x",
    "select u.x, sum(u.n) as s from (select x, count(*) as n from a group by x "
    "union all select y, count(*) from b group by y) u group by u.x",
    "select u.x, min(u.m) as m, sum(u.s) as s from (select x, min(y) as m, sum(id) as s from a "
    "where y > 0 group by x) u group by u.x",
    "select x, count(*) as n, sum(y) as s from (select x, y from a union all select y, z from b) "
    "group by x",
    "select p.id, q.y, b.z from a p join a q on p.id = q.id join b on b.id = q.id where q.x > 1",
    "select p.x, q.x as y from a p join a q on p.x = q.x where p.x > 1",
    "select a.id from a where exists (select 1 from b where b.id = a.x) "
    "and exists (select 1 from b where b.id = a.y and b.z = 1)",
    "select a.id, a.y from a where x = 2 and y is not null",
    "select a.id, b.z from a join b on a.x = b.y where a.x = 2",
    "select a.id, case when b.z > 1 then b.z else b.y end as w from a left join b on a.id = b.id",
    "select a.id, b.id is null as lone from a left join b on a.id = b.id and b.z > 1",
    "select x, rank() over (order by sum(y), x) as r from a group by x having x > 0",
    "select id, r from (select id, row_number() over (order by x, id, y) as r, x from a) "
    "where x > 1",
    "select id, random() as r from a where x > 1",
    "select c.id, c.name from c join a on a.id = c.id where c.name = 'a' or c.flag",
    "select name, count(*) as n from c where name <> 'ab' group by name",
    "select p.name, q.name as other from c p join c q on p.name = q.name where q.name > 'a'",
    "select name collate nocase as name, count(*) as n from c group by 1",
    "select distinct c.name collate nocase = 'ab' as f, c.flag from c",
    "select x from (select x from a union all select y from b) where x = 2",
    "select id, x from a where x in (select y from b where z > 1) and id in (select id from b)",
    "select id, x from (select id, x from a order by id, x, y limit 5) where x > 1",
    "select a.id, s.m from a, (select max(z) as m from b) s where a.x > 1",
    "select distinct a.x from a left join b on a.id = b.y",
)
"""Over the tables of :mod:`tests.sql.canonical_judge`."""
