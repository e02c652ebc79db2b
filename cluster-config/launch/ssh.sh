#!/usr/bin/env bash
# Runs a recipe on many machines through ssh; arguments after the hosts file are those of `troupe run`.
#
#   cluster-config/launch/ssh.sh hosts.txt my.conf seed=2
#
# The hosts file has one process a line: its address, its roles, and options of `troupe node`. The
# first line must have the role supervisor. Lines that begin with # are skipped.
#
#   10.0.0.5  supervisor,learner  --device cuda:0
#   10.0.0.6  generator           --device cuda:0
#   10.0.0.6  generator           --device cuda:1
#   10.0.0.7  reward,reference
#
# Every machine needs this checkout, built from the same commit, at the same path (TROUPE_ROOT), and
# the data and models that the recipe names at the same paths. The run directory must be on a file
# system that the supervisor's and the learner's machines share, unless they are the same.
#
# PORT          port of the supervisor (default: 25520)
# SSH           how to reach a machine (default: ssh -o BatchMode=yes)
# NODE_OPTIONS  more options of `troupe node` for all, such as --transport tcp
# NODE_OUTPUT   where the other processes' words are kept here (default: runs/nodes)
set -euo pipefail

fail() {
  printf 'ssh.sh: %s\n' "$1" >&2
  exit 2
}

[ $# -ge 1 ] && [ -r "$1" ] || fail "the first argument must be a readable hosts file; see the head of this script."
hosts=$1
shift
root=${TROUPE_ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
port=${PORT:-25520}
output=${NODE_OUTPUT:-runs/nodes}
read -ra ssh <<< "${SSH:-ssh -o BatchMode=yes}"
mkdir -p "$output"

lines=()
while IFS= read -r line; do
  case $line in '' | '#'*) ;; *) lines+=("$line") ;; esac
done < "$hosts"
[ ${#lines[@]} -ge 1 ] || fail "$hosts names no machine."
read -r first roles _ <<< "${lines[0]}"
case ,$roles, in *,supervisor,*) ;; *) fail "the first line of $hosts must have the role supervisor." ;; esac

# remote HOST WORDS...: runs a command at the root of the checkout there.
remote() {
  local host=$1
  shift
  # With a terminal the far process ends when this one does.
  "${ssh[@]}" -tt "$host" "cd $(printf %q "$root") && exec $(printf '%q ' "$@")" < /dev/null
}

# node LINE ARGUMENTS...
node() {
  local line=$1 host roles more
  shift
  read -r host roles more <<< "$line"
  read -ra more <<< "$more ${NODE_OPTIONS:-}"
  local place=(--seed-nodes "$first:$port")
  case ,$roles, in *,supervisor,*) [ "$host" = "$first" ] && place=(--port "$port") ;; esac
  remote "$host" ./troupe node --roles "$roles" --host "$host" "${place[@]}" "${more[@]}" "$@"
}

for host in $(printf '%s\n' "${lines[@]}" | cut -d' ' -f1 | sort -u); do
  remote "$host" ./troupe node --help > /dev/null || fail "$host cannot run $root/troupe."
done

nodes=()
finish() {
  for process in "${nodes[@]}"; do kill "$process" 2> /dev/null || true; done
}
trap finish EXIT

count=0
for line in "${lines[@]:1}"; do
  count=$((count + 1))
  node "$line" "$@" > "$output/node-$count.out" 2>&1 &
  nodes+=($!)
done
status=0
node "${lines[0]}" "$@" || status=$?
for process in "${nodes[@]}"; do
  for ((i = 0; i < 100; i++)); do
    kill -0 "$process" 2> /dev/null || break
    sleep 0.1
  done
done
exit "$status"
