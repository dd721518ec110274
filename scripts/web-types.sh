#!/bin/sh
# The page's types are what the documents of the API say. Where they are not, this renews them, unless only
# asked to --check, and fails: somebody has to look at what changed.
set -eu
types=web/src/types/api.ts
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
.venv/bin/python scripts/write_api_document.py "$fresh/api.json"
web/node_modules/.bin/openapi-typescript "$fresh/api.json" -o "$fresh/api.ts" \
    --root-types --root-types-no-schema-prefix --root-types-keep-casing >"$fresh/log" 2>&1 || { cat "$fresh/log" >&2; exit 1; }
cmp -s "$fresh/api.ts" "$types" && exit 0
if [ "${1:-}" = --check ]; then
    echo "$types is not what the API says; run make web, look at what changed and commit it" >&2
else
    cp "$fresh/api.ts" "$types"
    echo "$types was not what the API says and is renewed; look at what changed, then run make web again" >&2
fi
exit 1
