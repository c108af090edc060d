/* Entry, the jump to the sketch, and the mask ROM's functions. The ROM is out of a plain call's reach: each function
 * called in it has one stub here, which is smaller than a long call at every place. */

    .macro function name
    .section .text.\name, "ax"
    .literal_position
    .global \name
    .type \name, @function
    .align 4
\name:
    .endm

    .macro rom name, address
    function \name
    movi a9, \address
    jx a9
    .endm

/* The ROM's functions of flash return 0 if all went well. */
    function call_flash
    addi a1, a1, -16
    s32i.n a0, a1, 0
    callx0 a9
    l32i.n a0, a1, 0
    addi a1, a1, 16
    movi.n a8, 0
    movi.n a9, 1
    movnez a9, a8, a2
    mov.n a2, a9
    ret.n

    .macro flash name, address
    function \name
    movi a9, \address
    j call_flash
    .endm

/* RAM holds anything, the stack is the ROM's. */
    function boot_entry
    movi a1, 0x3FFFFFF0
    j boot_main

/* void boot_jump(uint32_t entry): starts a sketch, never to return. */
    function boot_jump
    movi a1, 0x3FFFFFF0
    jx a2

    function boot_flash_erase_sector
    srli a2, a2, 12
    movi a9, 0x40004A00 /* SPIEraseSector */
    j call_flash

    function boot_flash_erase_block
    extui a2, a2, 16, 16
    movi a9, 0x400049B4 /* SPIEraseBlock */
    j call_flash

    flash boot_flash_read, 0x40004B1C    /* SPIRead */
    flash boot_flash_program, 0x40004A4C /* SPIWrite */
    rom ets_wdt_enable, 0x40002FA0
    rom ets_wdt_disable, 0x400030F0
    rom software_reset, 0x4000264C
    rom memcmp, 0x4000DEA8
    rom memcpy, 0x4000DF48
    rom memset, 0x4000E190
