#!/bin/sh
# Pins requirements.in and cuda.in with the hashes of their files, for every platform; names no index.
# Run it with the oldest Python that is supported (3.11), so that every newer one finds its wheels too.
set -eu
cd "$(dirname "$0")"
python3 -m venv ../build/lock
../build/lock/bin/pip install --quiet pip-tools
for list in requirements cuda; do
  CUSTOM_COMPILE_COMMAND="cli/lock.sh" ../build/lock/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --output-file "$list.txt" "$list.in"
done
