# Sourced by ./run and ./check: Debian's packages and npm's, installed once; with everything there no network is asked.
build_packages=(gcc libc6-dev meson ninja-build pkg-config python3 brotli libmicrohttpd-dev libsqlite3-dev libpq-dev libsodium-dev
  libjansson-dev libyaml-dev libcmocka-dev libqrencode-dev zlib1g-dev libssl-dev nodejs npm)
test_packages=(clang libclang-rt-14-dev postgresql-15 postgresql-client-15 chromium fonts-noto-cjk belenios-tool valgrind golang-go
  golang-golang-x-mod-dev)

say() { echo "gongzhi: $*"; }

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Runs COMMAND quietly; what it printed is shown only when it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    rm -f "$log"
    say "failed: $*" >&2
    return 1
  fi
  rm -f "$log"
}

# install_packages PACKAGE …   as root, or with sudo
install_packages() {
  local package missing=() as_root=()
  for package in "$@"; do
    # A Node with its own npm serves as well as Debian's two packages.
    case "$package" in nodejs | npm) command -v node >/dev/null && command -v npm >/dev/null && continue ;; esac
    is_installed "$package" || missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      say "missing: ${missing[*]}; install them as root, or install sudo" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  say "installing Debian's ${missing[*]}"
  quietly "${as_root[@]}" apt-get update -q
  quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# install_npm FOLDER   what its package-lock.json pins, once
install_npm() {
  cmp -s "$1/package-lock.json" "$1/node_modules/.installed" && return 0
  say "installing npm's packages in $1"
  (cd "$1" && quietly npm ci --ignore-scripts --no-audit --no-fund)
  cp "$1/package-lock.json" "$1/node_modules/.installed"
}

# set_up FOLDER [MESON OPTION …]   a build folder that is there is used again
set_up() {
  local folder=$1
  shift
  [ -e "$folder/build.ninja" ] || quietly meson setup "$folder" "$@"
}
