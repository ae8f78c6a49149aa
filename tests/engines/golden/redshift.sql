create table analyticsops.node_results (text varchar(65535), timestamp timestamp, double double precision, bigint bigint, boolean boolean, sample boolean);

alter table analyticsops.node_results add column sample boolean;

alter table analyticsops.node_results add column door varchar(65535);

insert into analyticsops.node_results (text, timestamp, double, bigint, boolean)
select r[0]::varchar, cast(r[1]::varchar as timestamp), cast(r[2]::varchar as double precision), cast(r[3]::varchar as bigint), case r[4]::varchar when 'true' then true when 'false' then false end
from (select r from (select json_parse(from_varbyte(from_hex('5b5b22612762222c2022323032362d31312d32312030303a31343a31312e313233343536222c2022302e35222c202237222c202274727565225d5d'), 'utf-8')) as rows_) as payload, payload.rows_ as r) as given
where not exists (select 1 from x where y = 'z');

select text, cast(datediff(microsecond, timestamp '1970-01-01', timestamp) as varchar(65535)), cast(double as varchar(65535)), cast(bigint as varchar(65535)), case when boolean then 'true' when not boolean then 'false' end, sample from analyticsops.node_results where started_at >= cast('2026-11-01 00:00:00' as timestamp);

