create table analyticsops.node_results ("TEXT" varchar, "TIMESTAMP" timestamp_ntz, "DOUBLE" float, "BIGINT" bigint, "BOOLEAN" boolean, "SAMPLE" boolean);

alter table analyticsops.node_results add column "SAMPLE" boolean;

alter table analyticsops.node_results add column "DOOR" varchar;

insert into analyticsops.node_results ("TEXT", "TIMESTAMP", "DOUBLE", "BIGINT", "BOOLEAN")
select r[0]::varchar, cast(r[1]::varchar as timestamp_ntz), cast(r[2]::varchar as float), cast(r[3]::varchar as bigint), case r[4]::varchar when 'true' then true when 'false' then false end
from (select value as r from table(flatten(input => parse_json(hex_decode_string('5b5b22612762222c2022323032362d31312d32312030303a31343a31312e313233343536222c2022302e35222c202237222c202274727565225d5d'))))) as given
where not exists (select 1 from x where y = 'z');

select "TEXT", cast(date_part(epoch_microsecond, "TIMESTAMP") as varchar), cast("DOUBLE" as varchar), cast("BIGINT" as varchar), case when "BOOLEAN" then 'true' when not "BOOLEAN" then 'false' end, "SAMPLE" from analyticsops.node_results where started_at >= cast('2026-11-01 00:00:00' as timestamp_ntz);

