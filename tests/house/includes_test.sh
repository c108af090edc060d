#!/bin/sh
# The include table holds, and its check notices what breaks it.
set -eu
source=$1
check=$source/scripts/check-includes

"$check" "$source"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# expect VERDICT FILE INCLUDE: whether FILE may include INCLUDE.
expect() {
    rm -rf "$tree/t"
    mkdir -p "$tree/t/$(dirname "$2")"
    printf '#include %s\n' "$3" >"$tree/t/$2"
    if "$check" "$tree/t" >"$tree/output"; then verdict=allowed; else verdict=refused; fi
    if [ "$verdict" != "$1" ]; then
        echo "$2 with $3 should be $1, but is $verdict"
        exit 1
    fi
}

expect allowed format/a.c '"format/b.h"'
expect allowed format/a.c '<string.h>'
expect refused format/a.c '<stdio.h>'
expect refused format/a.c '"crypto/crypto.h"'
expect allowed crypto/a.c '<bearssl/bearssl_hash.h>'
expect refused crypto/a.c '"format/text.h"'
expect allowed include/otter/a.h '"format/error.h"'
expect refused include/otter/a.h '"crypto/crypto.h"'
expect allowed device/a.c '"otter/port.h"'
expect allowed device/a.c '"crypto/crypto.h"'
expect refused device/a.c '<bearssl/bearssl_hash.h>'
expect refused device/a.c '"boot/boot.h"'
expect refused device/a.c '"ports/sim/flash.h"'
expect allowed boot/a.c '"format/boot_command.h"'
expect refused boot/a.c '"crypto/crypto.h"'
expect refused boot/esp8266/a.c '"otter/port.h"'
expect allowed server/core/a.c '"server/store/store.h"'
expect refused server/core/a.c '"server/store/sqlite/sqlite.h"'
expect refused server/store/a.c '"server/core/fleet.h"'
expect refused server/store/a.c '"host/file.h"'
expect allowed server/store/sqlite/a.c '"server/store/store.h"'
expect refused server/store/sqlite/a.c '"crypto/crypto.h"'
expect allowed tests/server/a.c '"server/core/fleet.h"'
expect allowed ports/sim/a.c '"boot/boot.h"'
expect refused ports/sim/a.c '"device/updater_flash.h"'
expect refused ports/posix/a.c '"ports/sim/flash.h"'
expect allowed sim/a.c '"ports/sim/flash.h"'
expect refused sim/a.c '"host/push_session.h"'
expect allowed host/a.c '"format/push.h"'
expect refused host/a.c '"device/push.h"'
expect refused host/a.c '"otter/port.h"'
expect allowed tests/unit/a.c '"host/elf.h"'
expect refused sim/a.c '"tests/support/test.h"'
expect refused elsewhere/a.c '<stdio.h>'
