#!/usr/bin/env bash
# slurm.sh SIM: a Slurm of one node, started for this and stopped behind it, runs a sweep under sbatch and mpirun; its answers must be
# those of a sweep without either. Needs Slurm, munge and Open MPI (scripts/install-deps.sh --slurm) and a program built with MPI
# and SQLite. Exit codes: 0 equal, 1 not, 77 Slurm cannot be started here, or something is missing.
set -euo pipefail
sim=$(realpath "$1")
skip() { echo "skipped: $*"; exit 77; }
for tool in slurmctld slurmd sbatch scontrol munged mungekey mpirun python3; do
  command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || skip "no $tool (scripts/install-deps.sh --slurm)"
done
PATH=$PATH:/usr/sbin
libraries=$(ldd "$sim")
[[ $libraries == *libmpi* ]] || skip "$sim was built without MPI"
[[ $libraries == *libsqlite3* ]] || skip "$sim was built without SQLite"

folder=$(mktemp -d)
pids=()
finish() {
  local status=$?
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  done
  [ "$status" = 1 ] && tail -n 20 "$folder"/*.log >&2
  rm -rf "$folder"
  exit "$status"
}
trap finish EXIT

# Free ports, so that a Slurm that is here already is left alone.
read -r control node < <(python3 -c '
import socket
s = [socket.socket() for _ in range(2)]
for x in s: x.bind(("127.0.0.1", 0))
print(*(x.getsockname()[1] for x in s))')
user=$(id -un)
cpus=$(nproc)
mkdir -p "$folder/state" "$folder/spool"
mungekey --create --keyfile "$folder/munge.key"
munged --foreground --force --socket="$folder/munge.socket" --key-file="$folder/munge.key" --pid-file="$folder/munged.pid" \
  --log-file="$folder/munged.log" --seed-file="$folder/munged.seed" >"$folder/munged-out.log" 2>&1 &
pids+=($!)
cat >"$folder/slurm.conf" <<END
ClusterName=sweep
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$control
SlurmdPort=$node
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CryptoType=crypto/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$cpus State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
END
export SLURM_CONF=$folder/slurm.conf
grep -q CryptoType "$SLURM_CONF" && sed -i s/CryptoType=crypto/CredType=cred/ "$SLURM_CONF"
for _ in $(seq 100); do [ -S "$folder/munge.socket" ] && break; sleep 0.1; done
[ -S "$folder/munge.socket" ] || skip "munge does not start here: $(tail -n 1 "$folder"/munged*.log | tail -n 1)"
slurmctld -D >"$folder/slurmctld-out.log" 2>&1 &
pids+=($!)
slurmd -D >"$folder/slurmd-out.log" 2>&1 &
pids+=($!)
state=none
for _ in $(seq 200); do
  state=$(timeout 5 sinfo -h -o %t 2>/dev/null || true)
  [ "$state" = idle ] && break
  sleep 0.2
done
[ "$state" = idle ] ||
  skip "Slurm does not start here: $(cat "$folder"/slurm*.log | grep -iE 'error|fatal' | tail -n 1)"

cat >"$folder/study.json" <<'END'
{"network": "resnet18", "size": 32, "width": [0.25, 0.5], "array": [4, 8, 16], "act-kib": [64, 128], "dram-latency": {"from": 8, "to": 128, "step": 8}}
END
cat >"$folder/job.sh" <<END
#!/bin/bash
#SBATCH --ntasks=$cpus
#SBATCH --output=$folder/job.log
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mpirun --oversubscribe -n 3 "$sim" sweep "$folder/study.json" --results "$folder/slurm.sqlite"
END
sbatch --wait --chdir="$folder" "$folder/job.sh" || { echo "the job failed:"; cat "$folder/job.log"; exit 1; }
cat "$folder/job.log"
"$sim" sweep "$folder/study.json" --results "$folder/alone.sqlite" --quiet
python3 - "$folder" <<'END'
import sqlite3, sys
tables = []
for name in ("slurm", "alone"):
    with sqlite3.connect(f"{sys.argv[1]}/{name}.sqlite") as c:
        tables.append(c.execute("SELECT * FROM answers ORDER BY id").fetchall())
assert len(tables[0]) == 192 and tables[0] == tables[1], "the answers under Slurm differ"
print(f"Slurm: {len(tables[0])} points under sbatch and mpirun, the answers of one process")
END
