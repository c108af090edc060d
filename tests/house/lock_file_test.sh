#!/bin/sh
# lock_file_test.sh SOURCE BUILD: the lock files of npm pin what they name by hash, and name no server to fetch it from.
set -eu
found=0
for lock in $(find "$1" \( -path "$1/build" -o -name node_modules \) -prune -o -name package-lock.json -print); do
    found=1
    if grep -n '"resolved"' "$lock"; then
        echo "$lock names a server: see omit-lockfile-registry-resolved in .npmrc"
        exit 1
    fi
    grep -q '"integrity": "sha512-' "$lock" || { echo "$lock holds no hash"; exit 1; }
done
[ "$found" = 1 ] || { echo "no lock file found"; exit 1; }
