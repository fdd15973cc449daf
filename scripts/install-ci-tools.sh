#!/usr/bin/env bash
# Tools that tests spawn and npm does not bring: promtool (alert rules), lua (Argo CD health) and Chromium (the
# page watch's script; CHROMIUM names another). For Debian; needs root, or sudo without a password. Does nothing where they are there already.
set -euo pipefail

packages=()
command -v promtool > /dev/null || packages+=(prometheus)
command -v lua5.1 > /dev/null || packages+=(lua5.1)
command -v "${CHROMIUM:-chromium}" > /dev/null || packages+=(chromium)
[ "${#packages[@]}" -gt 0 ] || exit 0

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo -n)

# The package would start a server; only its promtool is wanted.
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
install() { "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null; }
install || { "${as_root[@]}" apt-get update -qq && install; }
command -v promtool lua5.1 "${CHROMIUM:-chromium}"
