# The ESP8266's core, with Debian's gcc-xtensa-lx106 and picolibc-xtensa-lx106-elf.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR xtensa-lx106)
set(CMAKE_C_COMPILER xtensa-lx106-elf-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# This gcc finds no picolibc.specs, so the headers are named here.
set(OTTER_PICOLIBC /usr/lib/picolibc/xtensa-lx106-elf/include)
set(CMAKE_C_FLAGS_INIT
    "-mlongcalls -mtext-section-literals -ffunction-sections -fdata-sections -fcallgraph-info=su -isystem ${OTTER_PICOLIBC}")
