# Usage: report.sh PROGRAM — runs leaky.cu's program and looks at what the checker leaves behind.
set -eu
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
status=0
SIMT_REPORT=$folder/report.json SIMT_COUNTS=$folder/counts.json SIMT_EXITCODE=7 "$1" || status=$?
test "$status" = 7
status=0  # a program that gives up gives nothing back
said=$("$1" "gives up" 2>&1) || status=$?
test "$status" = 3 && test -z "$said"
status=0
said=$("$1" leaves quickly 2>&1) || status=$?
test "$status" = 1
case $said in *unread-error*"1 defect found"*) ;; *) exit 1 ;; esac
python3 - "$folder" <<'PYTHON'
import json
import sys

folder = sys.argv[1]
finding, *others = json.load(open(f"{folder}/report.json"))["findings"]
assert finding["kind"] == "leak" and "x, 492 bytes" in finding["owner"], finding
assert finding["place"]["file"].endswith("leaky.cu") and finding["place"]["line"] == 11, finding
assert [f["kind"] for f in others] == 5 * ["leak"], others
assert [f["place"]["line"] for f in others] == [19, 21, 23, 25, 27], others
pinned = others.pop()
assert "cudaMallocHost" in pinned["owner"] and "cudaFreeHost" in pinned["cause"], pinned
for f, what in zip(others, ("a stream (stream)", "an event (event)", "a graph (graph)", "an instantiated graph (exec)")):
    assert f["message"].startswith(what + " made at ") and f["message"].endswith("never destroyed, 64 times"), f
(launch,) = json.load(open(f"{folder}/counts.json"))["launches"]
assert launch["kernel"] == "fill" and launch["grid"] == [1, 1, 1] and launch["block"] == [123, 1, 1], launch
assert launch["total"]["global_store_requests"] == 4 and launch["total"]["distinct_bytes"] == 492, launch
assert [line["place"]["line"] for line in launch["lines"]] == [7], launch
PYTHON
