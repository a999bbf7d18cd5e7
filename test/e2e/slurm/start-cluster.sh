#!/usr/bin/env bash
# Starts a Slurm of one node on this machine for the tests beside this file: as root, without systemd, without accounting.
#   test/e2e/slurm/start-cluster.sh FOLDER     then: SLURM_CONF=FOLDER/slurm.conf npx vitest run test/e2e/slurm
# Everything it makes is in FOLDER, apart from Debian's packages; stop-cluster.sh FOLDER ends it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)

if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
  apt-get update -qq
  # Daemons are not started by their packages: there is nothing here that would.
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
fi

mkdir -p "$folder"/{munge,state,spool,log}
# munged refuses a socket that others could replace, and a key that others could read.
chmod 0711 "$folder" "$folder/munge"
dd if=/dev/urandom of="$folder/munge/key" bs=1024 count=1 status=none
chmod 0400 "$folder/munge/key"
munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" \
  --log-file="$folder/log/munged.log" --seed-file="$folder/munge/seed"

host=$(hostname -s)
# Two clusters on one machine must not meet.
port=$((20000 + $$ % 10000))
memory=$(awk '/MemTotal/ { print int($2 / 1024 * 0.9) }' /proc/meminfo)
cat >"$folder/slurm.conf" <<CONF
ClusterName=soap-bench-tests
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
# As many tasks at once as the tests want, whatever the machine has.
SlurmdParameters=config_overrides
ReturnToService=2
# Small, so that the tests meet it.
MaxArraySize=7
# Short, so that the tests need not wait: for a task that is asked to end, a node that is silent, a job that is over.
KillWait=10
SlurmdTimeout=10
MinJobAge=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=$memory State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$folder/slurm.conf"
slurmctld -c
"$here/start-node.sh" "$folder"

for _ in $(seq 100); do
  if sinfo --noheader --format=%t 2>/dev/null | grep -qx idle; then
    echo "Slurm $(sinfo --version | cut -d' ' -f2) is ready: export SLURM_CONF=$SLURM_CONF"
    exit 0
  fi
  sleep 0.2
done
echo 'Slurm did not get ready:' >&2
tail -n 20 "$folder"/log/*.log >&2
exit 1
