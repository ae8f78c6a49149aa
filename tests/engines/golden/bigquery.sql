create table analyticsops.node_results (unique_id string, started_at timestamp, execution_time float64, failures int64, retries bool, sample bool);

alter table analyticsops.node_results add column sample bool;

alter table analyticsops.node_results add column door string;

insert into analyticsops.node_results (unique_id, started_at, execution_time, failures, retries)
select json_value(r, '$[0]'), cast(concat(json_value(r, '$[1]'), 'Z') as timestamp), cast(json_value(r, '$[2]') as float64), cast(json_value(r, '$[3]') as int64), case json_value(r, '$[4]') when 'true' then true when 'false' then false end
from (select r from unnest(json_query_array(safe_convert_bytes_to_string(from_hex('5b5b22612762222c2022323032362d31312d32312030303a31343a31312e313233343536222c2022302e35222c202237222c202274727565225d5d')))) as r) as given
where not exists (select 1 from x where y = 'z');

select unique_id, cast(unix_micros(started_at) as string), cast(execution_time as string), cast(failures as string), case when retries then 'true' when not retries then 'false' end, sample from analyticsops.node_results where started_at >= cast(concat('2026-11-01 00:00:00', 'Z') as timestamp);

