#!/bin/sh
# narrow_loads_test.sh SOURCE BUILD: on the ESP8266, loading a byte or a half word from IRAM or from the flash window
# is an exception, which the emulator does not raise. So no constant of the bootloader may lie there, and no address
# of anything but code.
set -eu
elf=$2/lx106/boot/esp8266/boot.elf
if [ ! -f "$elf" ]; then
    echo "skipped: $elf is not built"
    exit 0
fi

objects=$(xtensa-lx106-elf-readelf -sW "$elf" | awk '$4 == "OBJECT" && $2 !~ /^3ff/ {print $8, "at", $2}')
if [ -n "$objects" ]; then
    echo "constants outside DRAM: $objects"
    exit 1
fi

# l32r loads a literal; what it holds must not point into the bootloader or flash, unless a function stands there.
xtensa-lx106-elf-objdump -d --no-show-raw-insn "$elf" | awk -v elf="$elf" '
    /^[0-9a-f]+ <.*>:$/ { code[substr($1, length($1) - 7)] = 1; next }
    $2 == "l32r" { literal[substr($4, 1)] = $1 }
    $2 ~ /^(l8ui|l16ui|l16si)$/ { narrow++ }
    END {
        command = "xtensa-lx106-elf-objdump -s -j .text " elf
        while ((command | getline) > 0) {
            if ($1 !~ /^4010[0-9a-f]+$/)
                continue
            for (i = 2; i <= 5 && $i ~ /^[0-9a-f]+$/; i++) {
                word = substr($i, 7, 2) substr($i, 5, 2) substr($i, 3, 2) substr($i, 1, 2)
                at = sprintf("%s%s", substr($1, 1, 7), substr("048c", i - 1, 1))
                value[at] = word
            }
        }
        for (at in literal) {
            total++
            if (value[at] ~ /^(4010f|402)/ && !(value[at] in code)) {
                printf "the literal at %s, used at %s, points at %s, which is no function\n", at, literal[at], value[at]
                bad = 1
            }
        }
        printf "%d literals, %d narrow loads\n", total, narrow
        exit bad || total == 0 || narrow == 0
    }'
