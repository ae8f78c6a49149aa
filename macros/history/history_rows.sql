{#-
  Results of dbt as rows of texts: what analyticsops/history/reading.py makes of the artifacts of
  the same run, and nothing else. Fields are taken one by one: the results of microbatch
  models cannot be made to JSON as they are.
-#}

{#- Rows of node_results, without the invocation id. A call of a macro takes as long as the
    rest of a row, so what is the case for every row stands here. -#}
{% macro history_result_rows(results) %}
  {%- set rows = [] -%}
  {%- set mode = var('analyticsops_messages', 'masked') -%}
  {%- set quiet = ['success', 'pass', 'no-op', 'reused', 'skipped'] -%}
  {%- for result in results -%}
    {%- set node = result.node -%}
    {%- set status = result.status | string | lower -%}
    {%- set kind = node.resource_type | string -%}
    {#- Exposures and unit tests stand elsewhere in a manifest. -#}
    {%- set known = kind not in ('exposure', 'unit_test') -%}
    {%- set checksum = node.checksum if known and node.checksum is defined else none -%}
    {%- set parents = node.depends_on.nodes if kind == 'test' else [] -%}
    {%- set begun = result.timing | map(attribute='started_at') | select | list -%}
    {%- set done = result.timing | map(attribute='completed_at') | select | list -%}
    {%- set batches = result.batch_results -%}
    {%- set response = result.adapter_response or {} -%}
    {%- set affected = response.get('rows_affected') -%}
    {#- Nearly all say how many rows, and nothing else. -#}
    {%- set plain = (affected is none or affected is integer)
      and 'rows_inserted' not in response and 'query_id' not in response
      and 'job_id' not in response and 'slot_ms' not in response
      and 'bytes_processed' not in response and 'bytes_billed' not in response
      and 'data_scanned_in_bytes' not in response -%}
    {%- do rows.append([
      node.unique_id,
      status,
      (begun | min).strftime('%Y-%m-%d %H:%M:%S.%f') if begun else none,
      (done | max).strftime('%Y-%m-%d %H:%M:%S.%f') if done else none,
      result.execution_time | string,
      result.failures | string
        if kind in ('test', 'unit_test') and result.failures is not none else none,
      node.config.materialized if known and node.config.materialized is defined else none,
      checksum.checksum[:16] or none if checksum and checksum.name == 'sha256' else none,
      (node.attached_node or (parents[0] if parents | length == 1 else none))
        if kind == 'test' else none,
    ] + ([
      affected | string if affected is not none and 0 <= affected < 9223372036854775808 else none,
      none, none, none] if plain else analyticsops.history_costs(response)) + [
      batches.successful | length | string if batches else none,
      batches.failed | length | string if batches else none,
      none,
      none,
      none if status in quiet or not result.message
        else analyticsops.history_message(result.message | string, mode),
    ]) -%}
  {%- endfor -%}
  {{- return(rows) -}}
{% endmacro %}


{#- The same for `dbt source freshness`. A source that could not be asked is `unmeasured`: it is
    missing in sources.json. -#}
{% macro history_freshness_rows(results) %}
  {%- set rows = [] -%}
  {%- for result in results -%}
    {%- set status = result.status | string | lower -%}
    {%- set measured = result.max_loaded_at is defined and result.max_loaded_at is not none -%}
    {%- do rows.append([
      result.node.unique_id,
      status if measured else 'unmeasured',
      none, none, none, none, none, none, none, none, none, none, none, none, none,
      analyticsops.history_moment(result.max_loaded_at) if measured else none,
      analyticsops.history_moment(result.snapshotted_at) if measured else none,
      none,
    ]) -%}
  {%- endfor -%}
  {{- return(rows) -}}
{% endmacro %}


{#- [rows_affected, bytes_processed, slot_ms, query_id] of what the adapter said. -#}
{% macro history_costs(response) %}
  {%- set costs = [] -%}
  {%- for keys in [
    ['rows_affected', 'rows_inserted'],
    ['bytes_billed', 'bytes_processed', 'data_scanned_in_bytes'],
    ['slot_ms'],
  ] -%}
    {%- set said = keys | select('in', response) | list -%}
    {%- do costs.append(analyticsops.history_number(response, said) if said else none) -%}
  {%- endfor -%}
  {%- set ids = [response.get('query_id'), response.get('job_id')] | select('string') | list -%}
  {%- do costs.append(ids[0][:128] or none if ids else none) -%}
  {{- return(costs) -}}
{% endmacro %}


{#- A moment of dbt as a text, UTC. -#}
{% macro history_moment(moment) %}
  {%- if moment is string -%}
    {{- return(moment.replace('T', ' ').replace('Z', '')[:26]) -}}
  {%- endif -%}
  {%- set moment = moment.astimezone(modules.pytz.utc) if moment.tzinfo else moment -%}
  {{- return(moment.strftime('%Y-%m-%d %H:%M:%S.%f')) -}}
{% endmacro %}


{#- Adapters write -1 for "not known", and numbers as text. -#}
{% macro history_number(response, keys) %}
  {%- for key in keys -%}
    {%- set value = response.get(key) -%}
    {%- if value is string and value.isdigit() -%}{%- set value = value | int -%}{%- endif -%}
    {%- if value is integer and 0 <= value < 9223372036854775808 -%}
      {{- return(value | string) -}}
    {%- endif -%}
  {%- endfor -%}
  {{- return(none) -}}
{% endmacro %}
