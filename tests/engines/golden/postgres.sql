create table analyticsops.node_results (text text, timestamp timestamp, double double precision, bigint bigint, boolean boolean, sample boolean);

alter table analyticsops.node_results add column sample boolean;

alter table analyticsops.node_results add column door text;

insert into analyticsops.node_results (text, timestamp, double, bigint, boolean)
select (r ->> 0), cast((r ->> 1) as timestamp), cast((r ->> 2) as double precision), cast((r ->> 3) as bigint), case (r ->> 4) when 'true' then true when 'false' then false end
from (select r from jsonb_array_elements(convert_from(decode('5b5b22612762222c2022323032362d31312d32312030303a31343a31312e313233343536222c2022302e35222c202237222c202274727565225d5d', 'hex'), 'UTF8')::jsonb) as payload(r)) as given
where not exists (select 1 from x where y = 'z');

select text, cast(cast(extract(epoch from timestamp) * 1000000 as bigint) as text), cast(double as text), cast(bigint as text), case when boolean then 'true' when not boolean then 'false' end, sample from analyticsops.node_results where started_at >= cast('2026-11-01 00:00:00' as timestamp);

