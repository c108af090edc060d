/* Where QEMU starts. */
    .section .reset, "ax"
    .global start
start:
    j begin
    .align 4
    .literal_position
begin:
    movi a0, 0
    movi a1, 0x53FFF000
    movi a2, main
    jx a2
