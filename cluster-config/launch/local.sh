#!/usr/bin/env bash
# Runs a recipe in many processes on this machine; arguments are those of `troupe run`.
#
#   cluster-config/launch/local.sh cluster-config/recipes/quickstart.conf
#   GENERATORS=3 cluster-config/launch/local.sh my.conf seed=2
#
# GENERATORS, REWARDS, REFERENCES  how many processes play these roles (default: 2, 1, 1)
# LEARNERS                         how many train each step together (default: 1)
# PORT                             port of the supervisor (default: 25520)
# NODE_OPTIONS                     more options of `troupe node` for all, such as --transport tcp
# NODE_OUTPUT                      where the other processes write what they say (default: runs/nodes)
#
# The supervisor speaks on this terminal; its exit code is that of the script. Ctrl-C stops the run;
# the same command takes it up again.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
port=${PORT:-25520}
output=${NODE_OUTPUT:-runs/nodes}
read -ra options <<< "${NODE_OPTIONS:-}"
mkdir -p "$output"

# Once, before several processes would do it at the same time.
"$root/troupe" node --help > /dev/null

nodes=()
finish() {
  for node in "${nodes[@]}"; do kill "$node" 2> /dev/null || true; done
}
trap finish EXIT

# join NAME ROLES ARGUMENTS...
join() {
  local name=$1 roles=$2
  shift 2
  "$root/troupe" node --roles "$roles" --seed-nodes "127.0.0.1:$port" --log "$output/$name.log" \
    "${options[@]}" "$@" > "$output/$name.out" 2>&1 &
  nodes+=($!)
}

if [ "${LEARNERS:-1}" -gt 1 ]; then set -- "$@" "learners=$LEARNERS"; fi

join learner learner "$@"
for ((i = 2; i <= ${LEARNERS:-1}; i++)); do join "learner-$i" learner "$@"; done
for ((i = 1; i <= ${REWARDS:-1}; i++)); do join "reward-$i" reward "$@"; done
for ((i = 1; i <= ${REFERENCES:-1}; i++)); do join "reference-$i" reference "$@"; done
for ((i = 1; i <= ${GENERATORS:-2}; i++)); do join "generator-$i" generator "$@"; done

status=0
"$root/troupe" node --roles supervisor --port "$port" "${options[@]}" "$@" || status=$?
# The others have heard that the run is over; whoever has not is ended by the trap.
for node in "${nodes[@]}"; do
  for ((i = 0; i < 100; i++)); do
    kill -0 "$node" 2> /dev/null || break
    sleep 0.1
  done
done
exit "$status"
