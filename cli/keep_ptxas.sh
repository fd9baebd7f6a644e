#!/bin/sh
# A compiler launcher for CMake: runs the compiler and keeps what ptxas says beside the object file, as OBJECT.ptxas.
object='' previous=''
for argument; do
  [ "$previous" = -o ] && object=$argument
  previous=$argument
done
[ -n "$object" ] || exec "$@"
"$@" 2>"$object.ptxas" && exit 0
status=$?
cat "$object.ptxas" >&2
exit $status
