# Real ESP8266 machine code, built beside the host's programs: the bootloader and the example sketches, which the
# virtual device runs and the tests push, and the ROM that QEMU runs them on.
include(ExternalProject)

set(OTTER_LX106_DIR ${PROJECT_BINARY_DIR}/lx106)
set(OTTER_IMAGES_DIR ${PROJECT_BINARY_DIR}/images)
file(MAKE_DIRECTORY ${OTTER_IMAGES_DIR})

set(executables boot.elf rom.elf garden-1.elf garden-2.elf garden-3.elf)
set(OTTER_BOOT_ELF ${OTTER_LX106_DIR}/boot/esp8266/boot.elf)
set(OTTER_QEMU_ROM ${OTTER_LX106_DIR}/ports/qemu/rom/rom.elf)
set(garden_1 ${OTTER_LX106_DIR}/examples/esp8266/garden-1.elf)
set(garden_2 ${OTTER_LX106_DIR}/examples/esp8266/garden-2.elf)
set(garden_3 ${OTTER_LX106_DIR}/examples/esp8266/garden-3.elf)

ExternalProject_Add(lx106
  SOURCE_DIR ${PROJECT_SOURCE_DIR}
  BINARY_DIR ${OTTER_LX106_DIR}
  CMAKE_ARGS -DCMAKE_TOOLCHAIN_FILE=${PROJECT_SOURCE_DIR}/cmake/toolchain-xtensa-lx106.cmake
             -DCMAKE_BUILD_TYPE=MinSizeRel
  BUILD_COMMAND ${CMAKE_COMMAND} --build . --target ${executables}
  BUILD_ALWAYS ON
  BUILD_BYPRODUCTS ${OTTER_BOOT_ELF} ${garden_1} ${garden_2} ${garden_3}
  INSTALL_COMMAND "")

foreach(version 1 2 3)
  set(image ${OTTER_IMAGES_DIR}/garden-${version}.bin)
  add_custom_command(OUTPUT ${image}
    COMMAND otter image make ${OTTER_BOOT_ELF} ${garden_${version}} -o ${image}
    DEPENDS otter lx106 ${OTTER_BOOT_ELF} ${garden_${version}}
    VERBATIM)
  list(APPEND images ${image})
endforeach()
add_custom_target(images ALL DEPENDS ${images})
