{#-
  How rows travel: one literal per statement, a list of lists of texts as JSON in hexadecimal
  digits. No quote, backslash, brace or dollar sign can occur in it, so nothing that a
  model, a test or an error message says can end the literal, in any dialect.

  Each warehouse says how the literal becomes rows with one column `r` (history_payload), and
  what the text at a place of `r`, counted from 0, is (history_cell). All values are texts until they are cast.
-#}

{#- Rows of a payload, a query. -#}
{% macro history_payload(digits) %}
  {{- return(adapter.dispatch('history_payload', 'analyticsops')(digits)) -}}
{% endmacro %}

{#- The largest literal in characters; 0 if this warehouse is not known to us. -#}
{% macro history_chunk() %}
  {{- return(adapter.dispatch('history_chunk', 'analyticsops')()) -}}
{% endmacro %}


{#- Another adapter can be taught in a project: `dispatch` with our macro_namespace. -#}
{% macro default__history_payload(digits) %}{{- return('') -}}{% endmacro %}
{% macro default__history_cell(place) %}{{- return('') -}}{% endmacro %}
{% macro default__history_chunk() %}{{- return(0) -}}{% endmacro %}


{% macro duckdb__history_payload(digits) %}
  {{- return(
    "select unnest(from_json(decode(unhex('" ~ digits ~ "')), '[[\"VARCHAR\"]]')) as r"
  ) -}}
{% endmacro %}
{% macro duckdb__history_cell(place) %}{{- return('r[' ~ (place + 1) ~ ']') -}}{% endmacro %}
{% macro duckdb__history_chunk() %}{{- return(4000000) -}}{% endmacro %}


{% macro postgres__history_payload(digits) %}
  {{- return(
    "select r from jsonb_array_elements(convert_from(decode('" ~ digits
    ~ "', 'hex'), 'UTF8')::jsonb) as payload(r)"
  ) -}}
{% endmacro %}
{% macro postgres__history_cell(place) %}{{- return('(r ->> ' ~ place ~ ')') -}}{% endmacro %}
{% macro postgres__history_chunk() %}{{- return(4000000) -}}{% endmacro %}


{#- A literal holds 65,535 bytes there. -#}
{% macro redshift__history_payload(digits) %}
  {{- return(
    "select r from (select json_parse(from_varbyte(from_hex('" ~ digits
    ~ "'), 'utf-8')) as rows_) as payload, payload.rows_ as r"
  ) -}}
{% endmacro %}
{% macro redshift__history_cell(place) %}
  {{- return('r[' ~ place ~ ']::' ~ analyticsops.history_type('text')) -}}
{% endmacro %}
{% macro redshift__history_chunk() %}{{- return(60000) -}}{% endmacro %}


{% macro snowflake__history_payload(digits) %}
  {{- return(
    "select value as r from table(flatten(input => parse_json(hex_decode_string('" ~ digits ~ "'))))"
  ) -}}
{% endmacro %}
{% macro snowflake__history_cell(place) %}{{- return('r[' ~ place ~ ']::varchar') -}}{% endmacro %}
{% macro snowflake__history_chunk() %}{{- return(900000) -}}{% endmacro %}


{#- A query has at most 1,024,000 characters there. -#}
{% macro bigquery__history_payload(digits) %}
  {{- return(
    "select r from unnest(json_query_array(safe_convert_bytes_to_string(from_hex('" ~ digits
    ~ "')))) as r"
  ) -}}
{% endmacro %}
{% macro bigquery__history_cell(place) %}
  {{- return("json_value(r, '$[" ~ place ~ "]')") -}}
{% endmacro %}
{% macro bigquery__history_chunk() %}{{- return(700000) -}}{% endmacro %}


{#- Databricks comes here too. -#}
{% macro spark__history_payload(digits) %}
  {{- return(
    "select explode(from_json(decode(unhex('" ~ digits
    ~ "'), 'UTF-8'), 'array<array<string>>')) as r"
  ) -}}
{% endmacro %}
{% macro spark__history_cell(place) %}{{- return('r[' ~ place ~ ']') -}}{% endmacro %}
{% macro spark__history_chunk() %}{{- return(4000000) -}}{% endmacro %}


{#- A query has at most 1,000,000 characters there. -#}
{% macro trino__history_payload(digits) %}
  {{- return(
    "select r from unnest(cast(json_parse(from_utf8(from_hex('" ~ digits
    ~ "'))) as array(array(varchar)))) as payload(r)"
  ) -}}
{% endmacro %}
{% macro trino__history_cell(place) %}{{- return('r[' ~ (place + 1) ~ ']') -}}{% endmacro %}
{% macro trino__history_chunk() %}{{- return(900000) -}}{% endmacro %}


{#- Rows as JSON texts, each so long that its digits fit into one literal (or a single row).

    Args:
      rows: lists of texts or none.
      largest: characters of a literal.
-#}
{% macro history_chunks(rows, largest) %}
  {%- set chunks, chunk, size = [], [], [0] -%}
  {%- for row in rows -%}
    {%- set text = tojson(row) -%}
    {%- if '\\u0000' in text -%}
      {%- set text = tojson(analyticsops.history_without_nul(row)) -%}
    {%- endif -%}
    {#- JSON is ASCII here, and a byte is two digits. -#}
    {%- set length = 2 * (text | length) + 2 -%}
    {%- if chunk and size[-1] + length > largest - 4 -%}
      {%- do chunks.append('[' ~ chunk | join(',') ~ ']') -%}
      {%- do chunk.clear() -%}
      {%- do size.append(0) -%}
    {%- endif -%}
    {%- do chunk.append(text) -%}
    {%- do size.append(size[-1] + length) -%}
  {%- endfor -%}
  {%- if chunk -%}{%- do chunks.append('[' ~ chunk | join(',') ~ ']') -%}{%- endif -%}
  {{- return(chunks) -}}
{% endmacro %}


{#- PostgreSQL and Redshift have no text with a NUL in it: it becomes U+FFFD there. -#}
{% macro history_without_nul(row) %}
  {{- return(adapter.dispatch('history_without_nul', 'analyticsops')(row)) -}}
{% endmacro %}

{% macro default__history_without_nul(row) %}{{- return(row) -}}{% endmacro %}

{% macro postgres__history_without_nul(row) %}
  {%- set texts = [] -%}
  {%- for text in row -%}
    {%- do texts.append(text if text is none else text.replace('\x00', '\ufffd')) -%}
  {%- endfor -%}
  {{- return(texts) -}}
{% endmacro %}
