# Real ESP8266 machine code, built beside the host's programs: the example sketches that the virtual
# device runs and the tests push.
include(ExternalProject)

set(OTTER_LX106_DIR ${PROJECT_BINARY_DIR}/lx106)
set(OTTER_IMAGES_DIR ${PROJECT_BINARY_DIR}/images)

ExternalProject_Add(lx106
  SOURCE_DIR ${PROJECT_SOURCE_DIR}
  BINARY_DIR ${OTTER_LX106_DIR}
  CMAKE_ARGS -DCMAKE_TOOLCHAIN_FILE=${PROJECT_SOURCE_DIR}/cmake/toolchain-xtensa-lx106.cmake
             -DCMAKE_BUILD_TYPE=MinSizeRel
  BUILD_ALWAYS ON
  INSTALL_COMMAND ""
  EXCLUDE_FROM_ALL OFF)
