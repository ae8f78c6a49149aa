#!/usr/bin/env bash
# The step of action.yml that compares. Everything that a user sets arrives in the
# environment, is quoted, and is never part of a script.
set -euo pipefail

fail() {
  echo "::error title=analyticsops::$1"
  exit 2
}

# Where reports go; the runner empties it after the job.
out="${RUNNER_TEMP:?is set by the runner}/analyticsops-report"
mkdir -p "$out"
comment="$out/comment.md"

mention=()
if [ "${INPUT_MENTION_OWNERS:-false}" = true ]; then
  mention=(--mention-owners)
fi
outputs=(--output "markdown=$comment" --output "summary=${GITHUB_STEP_SUMMARY:?}" --output github=-)

code=0
if [ -n "${INPUT_REPORT:-}" ]; then
  # Found by a job without rights: checked against the schema before a word of it is shown.
  report="$INPUT_REPORT"
  "$ANALYTICSOPS" render "$report" "${outputs[@]}" "${mention[@]}" || code=$?
else
  report="$out/report.json"
  cd "${INPUT_PROJECT_DIR:-.}"
  ref="${INPUT_BASE_REF:-}"
  if [ -z "$ref" ] && [ -z "${INPUT_BASE:-}" ]; then
    [ -n "${GITHUB_BASE_REF:-}" ] || fail "base-ref is not set, and this is no pull request"
    ref="origin/$GITHUB_BASE_REF"
  fi
  arguments=()
  if [ -n "${INPUT_BASE:-}" ]; then
    arguments+=(--base "$INPUT_BASE")
  else
    arguments+=(--base-ref "$ref")
  fi
  while IFS= read -r line; do
    [ -z "$line" ] || arguments+=(--base-command "$line")
  done <<<"${INPUT_BASE_COMMAND:-}"
  [ -z "${INPUT_FAIL_ON:-}" ] || arguments+=(--fail-on "$INPUT_FAIL_ON")
  [ -z "${INPUT_CONFIG:-}" ] || arguments+=(--config "$INPUT_CONFIG")
  [ -z "${INPUT_STRICTNESS:-}" ] || arguments+=(--strictness "$INPUT_STRICTNESS")
  [ -z "${INPUT_PERSPECTIVE:-}" ] || arguments+=(--perspective "$INPUT_PERSPECTIVE")
  [ "${INPUT_EXECUTE:-false}" != true ] || arguments+=(--execute)
  [ -z "${INPUT_DATABASE:-}" ] || arguments+=(--database "$INPUT_DATABASE")
  [ -z "${INPUT_TARGET:-}" ] || arguments+=(--target "$INPUT_TARGET")
  [ -z "${INPUT_SELECT:-}" ] || arguments+=(--select "$INPUT_SELECT")
  "$ANALYTICSOPS" diff "${arguments[@]}" "${outputs[@]}" "${mention[@]}" \
    --output "json=$report" --output "sarif=$out/report.sarif" || code=$?
fi

# 2 means that there is no report to show; the line that says why is an annotation already.
{
  echo "exit-code=$code"
  echo "report=$report"
  echo "comment=$comment"
  echo "sarif=$out/report.sarif"
} >>"${GITHUB_OUTPUT:?}"
