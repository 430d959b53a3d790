#!/usr/bin/env bash
# try-suite.sh [OPTIONS] SUITE: does what the README promises hold on a bare system? Makes a minimal root of SUITE
# (bookworm, trixie, forky, sid, noble, ...) with debootstrap, clones the committed state of this repository into it and
# runs the README's two commands there, to the letter. For root, on Debian or Ubuntu with debootstrap.
#   --only COMMAND   only this one: resnet50 or check (default: both, in this order)
#   --root FOLDER    where the root is made (default: a new folder in ${TMPDIR:-/var/tmp}); one that is there already and
#                    was made by this script is used again, with a new clone
#   --keep           leave the root there
#   --mirror URL     where packages come from (default: debootstrap's for a Debian suite, Ubuntu's archive for noble)
#   --keyring FILE   that the mirror's signature is checked with (Ubuntu's is in Debian 13's package ubuntu-keyring)
#   --apt-conf FILE  goes into the root's apt.conf.d (a proxy, say)
#   --env NAME=VALUE for the two commands, which otherwise see none of the caller's environment; may be repeated
# Exit code 0: the commands passed; 1: one failed (its name is in the last line); 2: no root could be made, or a wrong
# option. The commands' output is also in FOLDER/tetra-COMMAND.log.
set -euo pipefail

die() { echo "try-suite.sh: $1" >&2; exit 2; }
usage() { sed -n '2,15s/^# \{0,1\}//p' "$0"; }

commands=(resnet50 check) root='' keep=no mirror='' keyring='' apt_conf='' variables=() suite=''
arguments=("$@")
while [ $# -gt 0 ]; do
  case $1 in
    --only | --root | --mirror | --keyring | --apt-conf | --env) [ $# -ge 2 ] || die "$1 needs a value; see --help" ;;
  esac
  case $1 in
    --only)
      case $2 in resnet50 | check) commands=("$2") ;; *) die "--only '$2': resnet50 and check are accepted" ;; esac
      shift 2 ;;
    --root) root=$2; shift 2 ;;
    --keep) keep=yes; shift ;;
    --mirror) mirror=$2; shift 2 ;;
    --keyring) keyring=$2; shift 2 ;;
    --apt-conf) apt_conf=$2; shift 2 ;;
    --env)
      case $2 in [A-Za-z_]*=*) variables+=("$2") ;; *) die "--env '$2': NAME=VALUE is accepted" ;; esac
      shift 2 ;;
    -h | --help) usage; exit 0 ;;
    -*) die "unknown option '$1'; see --help" ;;
    *) [ -z "$suite" ] || die "one suite is accepted, not '$suite' and '$1'"; suite=$1; shift ;;
  esac
done
[[ $suite =~ ^[a-z][a-z-]*$ ]] || die "a suite is needed, such as trixie; see --help"
[ -z "$apt_conf" ] || [ -r "$apt_conf" ] || die "--apt-conf '$apt_conf' cannot be read"
[ -z "$keyring" ] || [ -r "$keyring" ] || die "--keyring '$keyring' cannot be read"
[ "$(id -u)" -eq 0 ] || die "only root can make a root and change into it"
command -v debootstrap >/dev/null || die "debootstrap is not installed (apt install debootstrap)"

# All mounts are made in a mount namespace of our own: they end with us, whatever ends us.
if [ "${TRY_SUITE_NAMESPACE:-}" != "$$" ]; then
  exec unshare --mount --propagation private env TRY_SUITE_NAMESPACE=$$ "$0" "${arguments[@]}"
fi

repository=$(cd "$(dirname "$0")/.." && pwd)
marker=etc/tetra-try-suite
if [ -z "$root" ]; then
  root=$(mktemp -d "${TMPDIR:-/var/tmp}/tetra-$suite.XXXXXX")
elif [ -e "$root" ] && [ -n "$(ls -A "$root")" ] && [ "$(cat "$root/$marker" 2>/dev/null)" != "$suite" ]; then
  die "--root '$root' is neither empty nor a root of $suite that this script made"
fi
mkdir -p "$root"
root=$(cd "$root" && pwd)

finish() {
  local status=$?
  umount "$root/proc" "$root/dev/pts" "$root/dev" 2>/dev/null || true
  if [ "$keep" = yes ]; then echo "try-suite.sh: the root is $root" >&2; else rm -rf --one-file-system "$root"; fi
  exit "$status"
}
trap finish EXIT
trap 'exit 2' INT TERM HUP

# debootstrap knows the suites of its own time; newer ones are made as the older ones are.
make_root() {
  local options=(--variant=minbase '--include=git,make,ca-certificates') as='' scripts=/usr/share/debootstrap/scripts
  case $suite in
    noble | oracular | plucky | questing | resolute)
      as=gutsy mirror=${mirror:-http://archive.ubuntu.com/ubuntu} keyring=${keyring:-/usr/share/keyrings/ubuntu-archive-keyring.gpg}
      options+=('--components=main,universe')
      [ -r "$keyring" ] || die "no $keyring to check Ubuntu's signature with; Debian 13's package ubuntu-keyring has it (or --keyring FILE)" ;;
    *) as=sid ;;
  esac
  [ -z "$keyring" ] || options+=("--keyring=$keyring")
  if [ -e "$scripts/$suite" ]; then as=''; fi
  if [ -n "$as" ] && [ -z "$mirror" ]; then mirror=http://deb.debian.org/debian; fi
  debootstrap "${options[@]}" "$suite" "$root" ${mirror:+"$mirror"} ${as:+"$scripts/$as"} || die "debootstrap could not make a root of $suite"
  echo "$suite" >"$root/$marker"
}

[ -e "$root/$marker" ] || make_root
for file in hosts resolv.conf; do
  if [ -r "/etc/$file" ]; then cp --remove-destination -L "/etc/$file" "$root/etc/$file"; fi
done
[ -z "$apt_conf" ] || cp "$apt_conf" "$root/etc/apt/apt.conf.d/99try-suite"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"

rm -rf "$root/root/tetra"
git -c safe.directory='*' clone -q --no-hardlinks "$repository" "$root/root/tetra"
for command in "${commands[@]}"; do
  start=$SECONDS log=$root/tetra-$command.log
  echo "== $suite: make $command"
  if ! env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb "${variables[@]}" \
    chroot "$root" sh -c "cd && cd tetra && exec make $command" </dev/null 2>&1 | tee "$log"; then
    echo "try-suite.sh: $suite: make $command failed after $((SECONDS - start)) s" >&2
    exit 1
  fi
  echo "== $suite: make $command passed in $((SECONDS - start)) s"
done
