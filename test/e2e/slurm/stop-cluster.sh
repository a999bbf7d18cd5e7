#!/usr/bin/env bash
# Ends the cluster that start-cluster.sh has started in FOLDER. Its files stay.
for file in "$1"/slurmd.pid "$1"/slurmctld.pid "$1"/munge/pid; do
  [ -f "$file" ] && kill "$(cat "$file")" 2>/dev/null
done
exit 0
