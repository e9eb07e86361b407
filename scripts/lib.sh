# shellcheck shell=bash
# What scripts/services and scripts/test share. Sourced, never run.

say() { printf '\n== %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Installs Debian packages, or says which ones to install. sudo is only asked when it needs no password or somebody
# is there to type one: a prompt nobody sees would hang a build.
install_packages() {
  local become_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! have sudo || ! { [ -t 0 ] || sudo -n true 2>/dev/null; }; then die "please install: $*"; fi
    become_root=(sudo)
  fi
  have apt-get || die "please install: $*"
  say "installing $*"
  # The dpkg lock may be held by somebody else's install: wait for it. What apt prints goes to stderr, so that
  # stdout stays the caller's.
  "${become_root[@]}" apt-get update -qq >&2
  "${become_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
    install -y -qq --no-install-recommends "$@" </dev/null >&2
}
