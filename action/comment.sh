#!/usr/bin/env bash
# The step of action.yml that comments. A clean review writes no new comment, but an
# earlier one must not keep saying what is no longer true.
set -euo pipefail

only_update=()
if [ "$EXIT_CODE" = 0 ] &&
  python3 -c 'import json, sys; sys.exit(bool(json.load(open(sys.argv[1]))["findings"]))' "$REPORT"; then
  only_update=(--only-update)
fi
python3 "${GITHUB_ACTION_PATH:?}/action/comment.py" "$COMMENT" --key "${INPUT_COMMENT_KEY:-diff}" \
  --author "${INPUT_COMMENT_AUTHOR:-github-actions[bot]}" "${only_update[@]}"
