#!/usr/bin/env bash
# Installs this very commit of analyticsops into an environment of its own, so that it
# meets neither dbt's packages nor the project's.
set -euo pipefail

if [ "${INPUT_INSTALL:-true}" = true ]; then
  venv="${RUNNER_TEMP:?}/analyticsops"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${GITHUB_ACTION_PATH:?}[fast]"
  found="$venv/bin/analyticsops"
  # Later steps may call it; the rest of the environment stays out of their way.
  mkdir -p "${RUNNER_TEMP}/analyticsops-bin"
  ln -sf "$found" "${RUNNER_TEMP}/analyticsops-bin/analyticsops"
  echo "${RUNNER_TEMP}/analyticsops-bin" >>"${GITHUB_PATH:?}"
else
  found="$(command -v analyticsops)" || {
    echo "::error title=analyticsops::install is false, and analyticsops is not on the PATH"
    exit 2
  }
fi
"$found" --version
echo "ANALYTICSOPS=$found" >>"${GITHUB_ENV:?}"
