create table analyticsops.node_results ("UNIQUE_ID" varchar, "STARTED_AT" timestamp_ntz, "EXECUTION_TIME" float, "FAILURES" bigint, "RETRIES" boolean, "SAMPLE" boolean);

alter table analyticsops.node_results add column "SAMPLE" boolean;

alter table analyticsops.node_results add column "DOOR" varchar;

insert into analyticsops.node_results ("UNIQUE_ID", "STARTED_AT", "EXECUTION_TIME", "FAILURES", "RETRIES")
select r[0]::varchar, cast(r[1]::varchar as timestamp_ntz), cast(r[2]::varchar as float), cast(r[3]::varchar as bigint), case r[4]::varchar when 'true' then true when 'false' then false end
from (select value as r from table(flatten(input => parse_json(hex_decode_string('5b5b22612762222c2022323032362d31312d32312030303a31343a31312e313233343536222c2022302e35222c202237222c202274727565225d5d'))))) as given
where not exists (select 1 from x where y = 'z');

select "UNIQUE_ID", cast(date_part(epoch_microsecond, "STARTED_AT") as varchar), cast("EXECUTION_TIME" as varchar), cast("FAILURES" as varchar), case when "RETRIES" then 'true' when not "RETRIES" then 'false' end, "SAMPLE" from analyticsops.node_results where started_at >= cast('2026-11-01 00:00:00' as timestamp_ntz);

