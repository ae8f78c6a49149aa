create table analyticsops.node_results (unique_id varchar, started_at timestamp, execution_time double, failures bigint, retries boolean, sample boolean);

alter table analyticsops.node_results add column sample boolean;

alter table analyticsops.node_results add column door varchar;

insert into analyticsops.node_results (unique_id, started_at, execution_time, failures, retries)
select r[1], cast(r[2] as timestamp), cast(r[3] as double), cast(r[4] as bigint), case r[5] when 'true' then true when 'false' then false end
from (select unnest(from_json(decode(unhex('5b5b22612762222c2022323032362d31312d32312030303a31343a31312e313233343536222c2022302e35222c202237222c202274727565225d5d')), '[["VARCHAR"]]')) as r) as given
where not exists (select 1 from x where y = 'z');

select unique_id, cast(epoch_us(started_at) as varchar), cast(execution_time as varchar), cast(failures as varchar), case when retries then 'true' when not retries then 'false' end, sample from analyticsops.node_results where started_at >= cast('2026-11-01 00:00:00' as timestamp);

