# Usage: hang.sh PROGRAM [checked] — runs hang.cu's program, which must end, and say where its threads are.
set -eu
says() {
  case $out in *"$1"*) ;; *) printf 'not said: %s\nbut:\n%s\n' "$1" "$out"; exit 1 ;; esac
}
export SIMT_HANG_SECONDS=1 SIMT_EXITCODE=0
out=$(timeout 60 "$1" poll 2>&1)
says "cudaErrorLaunchTimeout"
says "16 threads exited: (16,0,0)..(31,0,0)"
says "16 threads running or polling"
if [ "${2-}" ]; then
  says "last seen at $(dirname "$0")/hang.cu:20, in the loop at line 19: (0,0,0)..(15,0,0)"
  says "hang.cu:20: deadlock: a hang: its threads poll for what never comes: 16 threads exited; 16 threads running or polling"
fi
out=$(timeout 60 "$1" together 2>&1)
says "cudaErrorLaunchTimeout"
says "a hang: its threads poll for what never comes"
out=$(timeout 60 "$1" 2>&1)
says "cudaErrorLaunchTimeout"
says "thread (5,0,0) has run for 3 s"
says "5 threads in __syncthreads at $(dirname "$0")/hang.cu:13: (0,0,0)..(4,0,0)"
if [ "${2-}" ]; then says "has run for 3 s at $(dirname "$0")/hang.cu:11"; fi
