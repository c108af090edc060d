/* Reset and exception vectors, and the mask ROM's functions at their addresses: one jump each. */

    .section .vector, "ax"
    .global rom_reset
rom_reset:
    j reset

    .section .reset, "ax"
reset:
    movi a0, 0
    movi a1, 0x3FFFF800
    movi a2, rom_start
    jx a2

    .macro at address, body
    .section .rom.\address, "ax"
    j \body
    .endm

    at 40000030, rom_exception
    at 40000050, rom_exception
    at 40000070, rom_exception
    at 400024CC, rom_printf
    at 400025E0, rom_reset_reason
    at 4000264C, rom_software_reset
    at 40002BE8, rom_putc
    at 40002ECC, rom_delay
    at 40002FA0, rom_nothing
    at 400030F0, rom_nothing
    at 40004678, rom_map_flash
    at 400047F0, rom_nothing
    at 400049B4, rom_erase_block
    at 40004A00, rom_erase_sector
    at 40004A4C, rom_write
    at 40004B1C, rom_read
    at 4000DC88, rom_divide
    at 4000DEA8, memcmp
    at 4000DF48, memcpy
    at 4000E04C, memmove
    at 4000E190, memset
    at 4000E21C, rom_divide_unsigned
