create table analyticsops.node_results (unique_id string, started_at timestamp, execution_time double, failures bigint, retries boolean, sample boolean) using parquet;

alter table analyticsops.node_results add columns (sample boolean, door string);

insert into analyticsops.node_results (unique_id, started_at, execution_time, failures, retries)
select r[0], cast(concat(r[1], 'Z') as timestamp), cast(r[2] as double), cast(r[3] as bigint), case r[4] when 'true' then true when 'false' then false end
from (select explode(from_json(decode(unhex('5b5b22612762222c2022323032362d31312d32312030303a31343a31312e313233343536222c2022302e35222c202237222c202274727565225d5d'), 'UTF-8'), 'array<array<string>>')) as r) as given
where not exists (select 1 from x where y = 'z');

select unique_id, cast(unix_micros(started_at) as string), cast(execution_time as string), cast(failures as string), case when retries then 'true' when not retries then 'false' end, sample from analyticsops.node_results where started_at >= cast(concat('2026-11-01 00:00:00', 'Z') as timestamp);

