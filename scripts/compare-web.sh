#!/bin/sh
# The committed page must be what its source builds to, byte for byte.
set -eu
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
(cd web && npm run -s build -- --outDir "$fresh" --emptyOutDir)
diff -r "$fresh" src/overround/static >/dev/null || {
    echo "src/overround/static is not what web/ builds to; run make web and commit the result" >&2
    exit 1
}
