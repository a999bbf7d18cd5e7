#!/usr/bin/env bash
# Starts the node of the cluster in FOLDER, at first or after it was killed.
set -euo pipefail
exec slurmd -f "$1/slurm.conf"
