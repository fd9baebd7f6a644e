#!/bin/bash
# On a machine with a GPU where nothing can be installed, and where tests/gpu/prepare.sh's .gpu/ is: verifies, sanitizes and
# measures, each step in a process and with a time limit of its own, so that one that fails stops no other.
#
#   tests/gpu/measure.sh [STEP]...          verify, peaks and tune when not said
#
#   verify[:CHAPTER]    against the oracle          sanitize:TOOL[:CHAPTER]   memcheck, racecheck, synccheck or initcheck
#   peaks               what the GPU can do         tune                      the GEMM summit's table, measured
#   bench:CHAPTER[:SHAPE]                           ncu:CHAPTER[/RUNG]        what the GPU counts, beside simt's counts
#
# Results are in build/results/nvidia-h200/ (or $RESULTS) as ./ladder reads them, what was said in $OUT (build/gpu-out).
cd -- "$(dirname -- "$0")/../.." || exit
out=${OUT:-build/gpu-out} results=${RESULTS:-build/results/nvidia-h200} limit=${LIMIT:-300}
mkdir -p "$out" "$results"
export PATH=/usr/local/cuda/bin:$PATH WARPLADDER_COMMIT OMP_WAIT_POLICY=passive
WARPLADDER_COMMIT=$(cat .gpu/commit)
# cuDNN, and cuBLAS where the toolkit is without, are pip's.
pip=$(python3 -c 'import nvidia; print(list(nvidia.__path__)[0])' 2>/dev/null)
export LD_LIBRARY_PATH=/usr/local/cuda/lib64:$pip/cu13/lib:$pip/cudnn/lib:$PWD/.gpu/usr/lib/x86_64-linux-gnu
nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,power.limit --format=csv,noheader

programs=.gpu/bin
if ! $programs/warpladder list >/dev/null 2>&1; then  # not built there, or it does not start here
  extra=()
  if [ ! -e /usr/local/cuda/include/cublas_v2.h ] && [ -n "$pip" ]; then
    export CPATH=$pip/cu13/include
    extra=(-DCUDA_cublas_LIBRARY="$pip/cu13/lib/libcublas.so.13" -DCUDA_cublasLt_LIBRARY="$pip/cu13/lib/libcublasLt.so.13")
  fi
  cmake --preset gpu -DCMAKE_PREFIX_PATH="$PWD/.gpu/usr" -DWARPLADDER_ARCHS="$(cat .gpu/architecture)" -DBUILD_TESTING=OFF \
    "${extra[@]}" >"$out/configure.log" 2>&1 || { tail "$out/configure.log"; exit 1; }
  cmake --build --preset gpu -t warpladder warpladder-train tune_sgemm >"$out/build.log" 2>&1 ||
    { tail -n 30 "$out/build.log"; exit 1; }
  cp build/gpu/bench/warpladder build/gpu/train/warpladder-train build/gpu/kernels/tune_sgemm $programs
  mkdir -p "$out/bin" && cp $programs/* "$out/bin"  # to be carried next time
fi

told() {  # how the cases of a step ended
  python3 - "$1" <<'P'
import collections, json, sys
rows = [json.loads(line) for line in open(sys.argv[1]) if line.startswith("{")]
rows = [row for row in rows if row["event"] == "case"]
print("  ", dict(collections.Counter(row.get("status", "measured") for row in rows)))
told = set()
for row in rows:
    if row.get("status") in ("fail", "failed") and row["id"] not in told:
        told.add(row["id"])
        print("  ", row["id"], row.get("shape"), row["message"][:300])
    if "value" in row:
        print("  ", row["id"], f"{row['value']:.4g}", row["unit"])
    if row.get("status") == "ok" and "time" in row:
        time, share = row["time"], (row.get("ceiling") or {}).get("share", 0)
        print("  ", row["name"], f"{1e6 * time['median_s']:.1f} us", f"{share:.0%} of the ceiling", time["stopped_by"],
              "throttled" if time["throttled_samples"] else "", row.get("detail", ""))
P
}
step() {  # NAME COMMAND…
  local name=$1 status=0
  shift
  timeout "$limit" "$@" >"$out/$name.jsonl" || status=$?
  echo "$name: status $status"
  told "$out/$name.jsonl"
}
in_chapters() { if [ -n "$1" ]; then echo "$1"; else (cd chapters && echo [0-9]*) && echo baselines; fi; }

[ $# -gt 0 ] || set -- verify peaks tune
for wanted in "$@"; do
  IFS=: read -r what first second <<<"$wanted"
  case $what in
    verify) for chapter in $(in_chapters "$first"); do step "verify-${chapter//\//_}" $programs/warpladder verify "$chapter"; done ;;
    sanitize)
      for chapter in $(in_chapters "$second"); do
        step "$first-${chapter//\//_}" compute-sanitizer --tool "$first" --error-exitcode 1 --log-file "$out/$first-%p.log" \
          $programs/warpladder verify "$chapter" --at-most 6
      done
      grep -h "ERROR SUMMARY" "$out/$first"-*.log ;;
    peaks) step peaks $programs/warpladder peaks --out "$results/peaks.json" ;;
    tune) timeout "$limit" $programs/tune_sgemm | tee "$out/tuning.inc" ;;
    bench)
      name=$first${second:+.$second}
      step "bench-$name" $programs/warpladder bench "$first" --where gpu ${second:+--shape "$second"} \
        --peaks "$results/peaks.json" --out "$results/$name.bench.json" ;;
    ncu)
      timeout "$limit" ncu --csv --metrics "$(tr '\n' , <tests/gpu/metrics.txt | sed 's/,$//')" --log-file "$out/ncu-${first//\//_}.csv" \
        $programs/warpladder verify "$first" --shapes count >/dev/null
      echo "ncu $first: status $?" ;;
    *) echo "$0: there is no step $wanted: see the head of this file" >&2; exit 2 ;;
  esac
done
