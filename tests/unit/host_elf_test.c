#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "host/elf.h"
#include "tests/support/test.h"

#define SEGMENTS_ROOM 20

/* An executable of one byte per segment behind the table. */
struct sample {
    Elf32_Ehdr header;
    Elf32_Phdr segments[SEGMENTS_ROOM];
    uint8_t bytes[SEGMENTS_ROOM];
};

static struct sample sample(uint16_t count)
{
    struct sample elf = {
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
                   .e_type = ET_EXEC,
                   .e_machine = EM_XTENSA,
                   .e_entry = 0x40100010,
                   .e_phoff = offsetof(struct sample, segments),
                   .e_phentsize = sizeof(Elf32_Phdr),
                   .e_phnum = count}};
    for (unsigned i = 0; i < SEGMENTS_ROOM; i++) {
        elf.bytes[i] = (uint8_t)i;
        elf.segments[i] = (Elf32_Phdr){.p_type = PT_LOAD,
                                       .p_offset = (Elf32_Off)(offsetof(struct sample, bytes) + i),
                                       .p_vaddr = 0x40100000 + 16 * i,
                                       .p_filesz = 1,
                                       .p_memsz = 1};
    }
    return elf;
}

static int read_sample(struct otter_elf *elf, const struct sample *bytes)
{
    return otter_elf_read(elf, bytes, sizeof(*bytes));
}

static void reads_segments_in_their_order(void **state)
{
    (void)state;
    const struct sample bytes = sample(3);
    struct otter_elf elf;
    assert_int_equal(read_sample(&elf, &bytes), OTTER_OK);
    assert_int_equal(elf.entry, 0x40100010);
    assert_int_equal(elf.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(elf.segments[i].address, 0x40100000 + 16 * i);
        assert_int_equal(elf.segments[i].size, 1);
        assert_int_equal(*elf.segments[i].bytes, i);
    }
}

static void leaves_out_what_is_not_loaded(void **state)
{
    (void)state;
    struct sample bytes = sample(3);
    struct otter_elf elf;
    bytes.segments[0].p_type = PT_NOTE;
    bytes.segments[1].p_filesz = 0; /* .bss */
    assert_int_equal(read_sample(&elf, &bytes), OTTER_OK);
    assert_int_equal(elf.count, 1);
    assert_int_equal(*elf.segments[0].bytes, 2);
}

static void refuses_an_executable_without_anything_to_load(void **state)
{
    (void)state;
    const struct sample bytes = sample(0);
    struct otter_elf elf;
    assert_int_equal(read_sample(&elf, &bytes), OTTER_ERROR_NO_DATA);
}

static void takes_sixteen_segments_and_no_more(void **state)
{
    (void)state;
    struct otter_elf elf;
    const struct sample most = sample(16), more = sample(17);
    assert_int_equal(read_sample(&elf, &most), OTTER_OK);
    assert_int_equal(elf.count, 16);
    assert_int_equal(read_sample(&elf, &more), OTTER_ERROR_BUFFER);
}

static void refuses_every_other_kind_of_file(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        uint8_t value;
    } faults[] = {
        {0, 0},
        {EI_CLASS, ELFCLASS64},
        {EI_DATA, ELFDATA2MSB},
        {EI_VERSION, 2},
        {offsetof(Elf32_Ehdr, e_type), ET_REL},
        {offsetof(Elf32_Ehdr, e_machine), EM_ARM},
        {offsetof(Elf32_Ehdr, e_phentsize), 31},
    };
    for (size_t i = 0; i < TEST_COUNT(faults); i++) {
        struct sample bytes = sample(1);
        struct otter_elf elf;
        ((uint8_t *)&bytes)[faults[i].offset] = faults[i].value;
        assert_int_equal(read_sample(&elf, &bytes), OTTER_ERROR_MALFORMED);
    }
}

static void refuses_what_points_outside(void **state)
{
    (void)state;
    static const Elf32_Phdr outside[] = {
        {.p_offset = sizeof(struct sample), .p_filesz = 1},
        {.p_offset = sizeof(struct sample) - 1, .p_filesz = 2},
        {.p_offset = 0, .p_filesz = UINT32_MAX},
        {.p_offset = UINT32_MAX, .p_filesz = 2},
    };
    struct otter_elf elf;
    for (size_t i = 0; i < TEST_COUNT(outside); i++) {
        struct sample bytes = sample(1);
        bytes.segments[0] = outside[i];
        bytes.segments[0].p_type = PT_LOAD;
        assert_int_equal(read_sample(&elf, &bytes), OTTER_ERROR_MALFORMED);
    }
    struct sample bytes = sample(1);
    bytes.header.e_phoff = sizeof(bytes) - 1;
    assert_int_equal(read_sample(&elf, &bytes), OTTER_ERROR_MALFORMED);
    bytes.header.e_phoff = UINT32_MAX;
    assert_int_equal(read_sample(&elf, &bytes), OTTER_ERROR_MALFORMED);
}

static void refuses_a_file_that_is_cut_anywhere(void **state)
{
    (void)state;
    const struct sample bytes = sample(SEGMENTS_ROOM - 4);
    struct otter_elf elf;
    size_t end = offsetof(struct sample, bytes) + SEGMENTS_ROOM - 4;
    for (size_t size = 0; size < end; size++) {
        uint8_t *cut = malloc(size + 1);
        assert_non_null(cut);
        memcpy(cut, &bytes, size);
        assert_int_equal(otter_elf_read(&elf, cut, size), OTTER_ERROR_MALFORMED);
        free(cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_segments_in_their_order),
        cmocka_unit_test(leaves_out_what_is_not_loaded),
        cmocka_unit_test(refuses_an_executable_without_anything_to_load),
        cmocka_unit_test(takes_sixteen_segments_and_no_more),
        cmocka_unit_test(refuses_every_other_kind_of_file),
        cmocka_unit_test(refuses_what_points_outside),
        cmocka_unit_test(refuses_a_file_that_is_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
