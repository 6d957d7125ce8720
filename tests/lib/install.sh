# Sourced by ./run and ./check: Debian's packages and npm's, installed once, so that both work again offline.
build_packages=(gcc meson ninja-build pkg-config python3 brotli libmicrohttpd-dev libsqlite3-dev libpq-dev libsodium-dev
  libjansson-dev libyaml-dev libcmocka-dev libqrencode-dev zlib1g-dev)
test_packages=(clang libclang-rt-14-dev postgresql chromium fonts-noto-cjk nodejs npm golang-go golang-golang-x-mod-dev curl)

install_packages() {
  local package missing=()
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return 0
  # A newer Node with its own npm serves as well as Debian's two packages.
  if command -v npm >/dev/null; then
    local kept=()
    for package in "${missing[@]}"; do [ "$package" = npm ] || [ "$package" = nodejs ] || kept+=("$package"); done
    missing=("${kept[@]}")
    [ "${#missing[@]}" -eq 0 ] && return 0
  fi
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  echo "installing: ${missing[*]}"
  "${as_root[@]}" apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}
