# What every room of the house is built with: one static library per room, of the C files in its folder.

add_compile_options(
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
  -Wpointer-arith -Wwrite-strings -Wcast-align -Wno-overlength-strings)

# format, device and boot are freestanding in spirit; the hosted rooms use what Linux offers.
set(OTTER_HOSTED _GNU_SOURCE)

# otter_room(NAME [HOSTED] [LINK libraries...]): a static library otter_NAME of this folder's C files but main.c.
function(otter_room name)
  cmake_parse_arguments(room "HOSTED" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  list(FILTER sources EXCLUDE REGEX "/main\\.c$")
  add_library(otter_${name} STATIC ${sources})
  target_include_directories(otter_${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(otter_${name} PUBLIC ${room_LINK})
  if(room_HOSTED)
    target_compile_definitions(otter_${name} PRIVATE ${OTTER_HOSTED})
  endif()
endfunction()
