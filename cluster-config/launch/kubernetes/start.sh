#!/usr/bin/env bash
# Runs a recipe in a namespace of Kubernetes. The recipe names everything; settings are not given here.
#
#   cluster-config/launch/kubernetes/start.sh my.conf
#
# First build the image (see Dockerfile), push it, and name it in kustomization.yaml. Data and models
# that the recipe names must be in the image or in a volume that all three StatefulSets mount.
#
#   kubectl -n troupe logs -f troupe-head-0                         how it goes
#   kubectl -n troupe scale statefulset troupe-generator --replicas=8
#   kubectl -n troupe port-forward troupe-head-0 8558               then /ready and /alive
#   kubectl -n troupe delete -k cluster-config/launch/kubernetes    ends it; the run directory stays
#
# When the run is over its pods end with exit code 0. StatefulSets start them again, which changes
# nothing: delete them.
#
# NAMESPACE  where (default: troupe)
# SECRET     file of the secret that all nodes share (default: ~/.troupe/secret, made when missing)
# KUBECTL    how to call it (default: kubectl)
set -euo pipefail

fail() {
  printf 'start.sh: %s\n' "$1" >&2
  exit 2
}

if [ $# -ne 1 ] || [ ! -r "$1" ]; then
  fail "the one argument must be a readable recipe; see the head of this script."
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
namespace=${NAMESPACE:-troupe}
secret=${SECRET:-$HOME/.troupe/secret}
read -ra kubectl <<< "${KUBECTL:-kubectl}"
command -v "${kubectl[0]}" > /dev/null || fail "there is no ${kubectl[0]} here; install it, or say how to call it with KUBECTL."
if [ ! -s "$secret" ]; then
  mkdir -p "$(dirname "$secret")"
  (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$secret")
fi

# apply WORDS...: creates or changes what `kubectl create` would make of the words.
apply() {
  "${kubectl[@]}" create "$@" --dry-run=client -o yaml | "${kubectl[@]}" apply -f -
}

apply namespace "$namespace"
# Nothing in it may run as root.
"${kubectl[@]}" label --overwrite namespace "$namespace" pod-security.kubernetes.io/enforce=restricted
apply configmap troupe-recipe -n "$namespace" --from-file="recipe.conf=$1"
apply secret generic troupe-secret -n "$namespace" --from-file="secret=$secret"
"${kubectl[@]}" apply -n "$namespace" -k "$here"
