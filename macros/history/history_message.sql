{#- What is kept of a message: analyticsops/history/masking.py says it in Python, with the same
    patterns, and a test compares them. -#}
{% macro history_message(text, mode) %}
  {%- set sub = modules.re.sub -%}
  {%- if mode not in ('masked', 'full') -%}{{- return(none) -}}{%- endif -%}
  {#- What is no Unicode cannot be JSON. -#}
  {%- set text = text.encode('utf-8', 'replace').decode('utf-8') -%}
  {%- set text = sub('\x1b\\[[0-9;]*m', '', text) -%}
  {%- set controls = '[\x00-\x1f\x7f-\x9f]+' -%}
  {%- if mode == 'full' -%}
    {{- return(sub(controls, ' ', text).strip()[:300] or none) -}}
  {%- endif -%}
  {%- set about = '(?:Runtime|Database|Compilation|Dependency) Error(?: in [\\w ]+ \\S+ \\(.*\\))?$' -%}
  {%- set lines, said = [], [] -%}
  {%- for line in text.splitlines() if line.strip() and not said -%}
    {%- do lines.append(line.strip()) -%}
    {%- if not modules.re.match(about, lines[-1]) -%}{%- do said.append(lines[-1]) -%}{%- endif -%}
  {%- endfor -%}
  {%- if not lines -%}{{- return(none) -}}{%- endif -%}
  {%- set line = sub(controls, ' ', (said or lines)[0][:1200]) -%}
  {%- set quoted = "(')(?:[^'\\\\]|\\\\.|'')*'?" ~ '|(")(?:[^"\\\\]|\\\\.|"")*"?'
    ~ '|(`)[^`]*`?|(\\$)\\$.*?(?:\\$\\$|$)' -%}
  {%- set line = sub(quoted, '\\1\\2\\3\\4\u2026\\1\\2\\3\\4', line) -%}
  {%- set bare = '((?:\\bvalues?(?: is)?:? ?|=)\\()[^)]*(\\)?)|(\\bvalues?: )\\S.*' -%}
  {%- set line = sub(bare, '\\1\\3\u2026\\2', line) -%}
  {%- set line = sub('\\d+', '#', sub('\\S*@\\S*', '\u2026', line)) -%}
  {{- return(line[:300].strip() or none) -}}
{% endmacro %}
