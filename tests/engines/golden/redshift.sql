create table analyticsops.node_results (unique_id varchar(65535), started_at timestamp, execution_time double precision, failures bigint, retries boolean, sample boolean);

alter table analyticsops.node_results add column sample boolean;

alter table analyticsops.node_results add column door varchar(65535);

insert into analyticsops.node_results (unique_id, started_at, execution_time, failures, retries)
select r[0]::varchar(65535), cast(r[1]::varchar(65535) as timestamp), cast(r[2]::varchar(65535) as double precision), cast(r[3]::varchar(65535) as bigint), case r[4]::varchar(65535) when 'true' then true when 'false' then false end
from (select r from (select json_parse(from_varbyte(from_hex('5b5b22612762222c2022323032362d31312d32312030303a31343a31312e313233343536222c2022302e35222c202237222c202274727565225d5d'), 'utf-8')) as rows_) as payload, payload.rows_ as r) as given
where not exists (select 1 from x where y = 'z');

select unique_id, cast(datediff(microsecond, timestamp '1970-01-01', started_at) as varchar(65535)), cast(execution_time as varchar(65535)), cast(failures as varchar(65535)), case when retries then 'true' when not retries then 'false' end, sample from analyticsops.node_results where started_at >= cast('2026-11-01 00:00:00' as timestamp);

