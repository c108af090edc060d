/* Where the mask ROM jumps to: RAM holds anything, the stack is the ROM's. */
    .section .text.boot_entry, "ax"
    .global boot_entry
    .type boot_entry, @function
    .literal_position
    .align 4
boot_entry:
    movi a1, 0x3FFFFFF0
    call0 boot_main

/* void boot_jump(uint32_t entry): starts a sketch, never to return. */
    .section .text.boot_jump, "ax"
    .global boot_jump
    .type boot_jump, @function
    .align 4
boot_jump:
    movi a1, 0x3FFFFFF0
    jx a2
