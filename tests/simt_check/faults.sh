# Usage: faults.sh PROGRAM — runs faults.cu's program, whose report is to be there however it ends.
set -eu
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
lines() { # of the lines of faults.cu that hold $1
  grep -nF "$1" "$(dirname "$0")/faults.cu" | head -1 | cut -d: -f1
}
ends() { # how, with which status, and which line and words are told of it
  status=0
  SIMT_REPORT=$folder/$1.json "$program" "$1" 2> /dev/null || status=$?
  test "$status" = "$2" || { echo "$1: status $status"; exit 1; }
  python3 - "$folder/$1.json" "$(lines 'a[threadIdx.x] /')" "$(lines 'a[threadIdx.x] %')" "$3" "$4" << 'PYTHON'
import json
import sys

report, quotient, remainder, line, words = sys.argv[1:]
found = [(f["kind"], f["place"]["line"], f["message"]) for f in json.load(open(report))["findings"]]
divisions = [line for kind, line, _ in found if kind == "division"]
assert {int(quotient)} <= set(divisions) <= {int(quotient), int(remainder)}, found
others = [f for f in found if f[0] != "division"]
assert len(others) == (line != ""), others
if others:
    kind, at, said = others[0]
    assert kind == "fault" and 0 <= at - int(line) <= 2 and words in said, others  # a function's first lines
PYTHON
}
program=$1
ends itself 1 "" ""
ends call 1 "$(lines 'functions[1](')" "a call of a function at"
ends abort 134 "" ""
ends zero 136 "$(lines '7 / zero')" "divides by zero"
ends null 139 "$(lines 'zero + 4')" "accesses 0x4,"
ends stack 139 "$(lines 'int on_the_stack')" "stack is full"
