{#- The version of the dbt package. `analyticsops doctor` reads this macro from
    the manifest and says when package and command line do not match. -#}
{% macro analyticsops_version() %}
  {{- return("0.1.0") -}}
{% endmacro %}
