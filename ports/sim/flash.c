#include "ports/sim/flash.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format/layout.h"
#include "ports/sim/random.h"

#define NO_SECTOR  UINT32_MAX
#define ALL_READS  UINT64_MAX
#define WORD       4u
#define FILL_CHUNK OTTER_FLASH_BLOCK

const struct otter_sim_flash_timing otter_sim_w25q32_single = {45000000, 150000000, 700000, 400};
const struct otter_sim_flash_timing otter_sim_w25q32_dual = {45000000, 150000000, 700000, 100};

/* What happens to the operation that is about to begin. */
enum fate { FATE_LANDS, FATE_FAILS, FATE_CUT };

/* Random numbers that depend on nothing but the seed and a number, so that a failure can be had again. */
static uint64_t random_of(const struct otter_sim_flash *flash, uint64_t number)
{
    uint64_t state = flash->seed ^ (number * 0xD1342543DE82EF95u);
    return otter_sim_random(&state);
}

/* --- opening ------------------------------------------------------------------------------------ */

static bool prepare(struct otter_sim_flash *flash, uint32_t size, int file, int flags)
{
    *flash = (struct otter_sim_flash){
        .size = size, .file = file, .timing = &otter_sim_w25q32_dual, .unstable_sector = NO_SECTOR};
    flash->wear = calloc(size / OTTER_FLASH_SECTOR, sizeof *flash->wear);
    if (flash->wear == NULL)
        return false;
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, file, 0);
    if (bytes == MAP_FAILED) {
        free(flash->wear);
        flash->wear = NULL;
        return false;
    }
    flash->bytes = bytes;
    return true;
}

bool otter_sim_flash_open_memory(struct otter_sim_flash *flash, uint32_t size)
{
    if (!prepare(flash, size, -1, MAP_PRIVATE | MAP_ANONYMOUS))
        return false;
    memset(flash->bytes, 0xFF, size);
    return true;
}

/* Written in order, so that a file whose making was interrupted has a wrong size and is refused. */
static bool fill_erased(int file, uint32_t size)
{
    uint8_t *chunk = malloc(FILL_CHUNK);
    if (chunk == NULL)
        return false;
    memset(chunk, 0xFF, FILL_CHUNK);
    uint32_t done = 0;
    while (done < size) {
        uint32_t length = size - done < FILL_CHUNK ? size - done : FILL_CHUNK;
        ssize_t written = write(file, chunk, length);
        if (written < 0 && errno != EINTR)
            break;
        if (written > 0)
            done += (uint32_t)written;
    }
    free(chunk);
    return done == size;
}

static bool open_sized(int file, uint32_t size, bool made)
{
    struct stat status;
    if (made)
        return fill_erased(file, size);
    if (fstat(file, &status) != 0)
        return false;
    if (status.st_size != (off_t)size) {
        errno = EINVAL;
        return false;
    }
    return true;
}

bool otter_sim_flash_open_file(struct otter_sim_flash *flash, const char *path, uint32_t size)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool made = file >= 0;
    if (!made && errno == EEXIST)
        file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return false;
    if (open_sized(file, size, made) && prepare(flash, size, file, MAP_SHARED))
        return true;
    int error = errno;
    close(file);
    if (made)
        unlink(path);
    errno = error;
    return false;
}

void otter_sim_flash_close(struct otter_sim_flash *flash)
{
    munmap(flash->bytes, flash->size);
    free(flash->wear);
    if (flash->file >= 0)
        close(flash->file);
    flash->bytes = NULL;
    flash->wear = NULL;
    flash->file = -1;
}

/* --- rules --------------------------------------------------------------------------------------- */

static int violate(struct otter_sim_flash *flash, const char *what, const char *verb, uint32_t address,
                   uint32_t length)
{
    if (flash->violation[0] == '\0')
        snprintf(flash->violation, sizeof flash->violation, "%s: %s of %u bytes at 0x%06X", what, verb,
                 (unsigned)length, (unsigned)address);
    return -1;
}

static int check_range(struct otter_sim_flash *flash, const char *verb, uint32_t address, uint32_t length,
                       uint32_t alignment, const void *memory)
{
    if (address % alignment != 0 || length % WORD != 0 || (uintptr_t)memory % WORD != 0)
        return violate(flash, "misaligned", verb, address, length);
    if (length > flash->size || address > flash->size - length)
        return violate(flash, "outside the chip", verb, address, length);
    return 0;
}

/* Eight bytes at a time where they can be: all that the device writes goes through here. */
static uint64_t eight(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static bool raises_a_bit(const uint8_t *old, const uint8_t *new, uint32_t length)
{
    uint64_t raised = 0;
    uint32_t i = 0;
    for (; i + 8 <= length; i += 8)
        raised |= ~eight(old + i) & eight(new + i);
    for (; i < length; i++)
        raised |= (uint8_t)(~old[i] & new[i]);
    return raised != 0;
}

/* --- time and faults ----------------------------------------------------------------------------- */

/* False if power failed meanwhile. */
static bool pass_time(struct otter_sim_flash *flash, uint64_t ns)
{
    flash->time_ns += ns;
    return flash->sleep == NULL || flash->sleep(flash->sleep_context, ns);
}

static enum fate begin_operation(struct otter_sim_flash *flash, uint32_t address, uint32_t length,
                                 bool is_erase, uint64_t ns)
{
    flash->operation++;
    flash->operation_address = address;
    flash->operation_length = length;
    flash->operation_is_erase = is_erase;
    if (flash->operation == flash->fail_at)
        return FATE_FAILS;
    if (flash->operation == flash->cut_at || !pass_time(flash, ns))
        return FATE_CUT;
    return FATE_LANDS;
}

static void cut_power(struct otter_sim_flash *flash)
{
    assert(flash->power_cut != NULL);
    flash->power_cut(flash->power_cut_context);
    abort();
}

/* How much of LENGTH bytes a torn prefix covers: never nothing, never all. */
static uint32_t torn_length(const struct otter_sim_flash *flash, uint32_t length)
{
    assert(length > 1);
    return 1 + (uint32_t)(random_of(flash, flash->operation) % (length - 1));
}

/* --- reading ------------------------------------------------------------------------------------- */

/* In a half-erased sector, bits that are still 0 read as either. */
static void blur(const struct otter_sim_flash *flash, uint32_t address, uint8_t *bytes, uint32_t length)
{
    if (flash->unstable_sector == NO_SECTOR)
        return;
    uint64_t state = random_of(flash, ~flash->counts.reads);
    uint32_t end = flash->unstable_sector + flash->unstable_length;
    for (uint32_t i = 0; i < length; i++) {
        uint64_t noise = otter_sim_random(&state);
        if (address + i >= flash->unstable_sector && address + i < end)
            bytes[i] |= (uint8_t)(noise & noise >> 8);
    }
}

/* True if this read is to fail. */
static bool use_up_a_read(struct otter_sim_flash *flash)
{
    if (flash->fail_reads_after == ALL_READS)
        return true;
    if (flash->fail_reads_after != 0 && --flash->fail_reads_after == 0)
        flash->fail_reads_after = ALL_READS;
    return false;
}

int otter_sim_flash_read(struct otter_sim_flash *flash, uint32_t address, void *bytes, uint32_t length)
{
    if (check_range(flash, "read", address, length, WORD, bytes) != 0 || use_up_a_read(flash))
        return -1;
    flash->counts.reads++;
    flash->counts.bytes_read += length;
    (void)pass_time(flash, length * flash->timing->byte_read); /* a read has nothing to tear */
    memcpy(bytes, flash->bytes + address, length);
    blur(flash, address, bytes, length);
    return 0;
}

/* --- programming --------------------------------------------------------------------------------- */

static void program_bytes(struct otter_sim_flash *flash, uint32_t address, const uint8_t *bytes,
                          uint32_t length)
{
    uint8_t *cells = flash->bytes + address;
    uint32_t i = 0;
    for (; i + 8 <= length; i += 8) {
        const uint64_t word = eight(cells + i) & eight(bytes + i);
        memcpy(cells + i, &word, sizeof word);
    }
    for (; i < length; i++)
        cells[i] &= bytes[i];
}

static void program_some_bits(struct otter_sim_flash *flash, uint32_t address, const uint8_t *bytes,
                              uint32_t length)
{
    uint64_t state = random_of(flash, flash->operation);
    for (uint32_t i = 0; i < length; i++)
        flash->bytes[address + i] &= (uint8_t)(bytes[i] | otter_sim_random(&state));
}

static void cut_program(struct otter_sim_flash *flash, uint32_t address, const uint8_t *bytes,
                        uint32_t length)
{
    switch (flash->cut) {
    case OTTER_SIM_CUT_LANDED:
        program_bytes(flash, address, bytes, length);
        break;
    case OTTER_SIM_CUT_TORN_PREFIX:
        program_bytes(flash, address, bytes, torn_length(flash, length));
        break;
    case OTTER_SIM_CUT_TORN_RANDOM:
    case OTTER_SIM_CUT_HALF_ERASED:
        program_some_bits(flash, address, bytes, length);
        break;
    case OTTER_SIM_CUT_NOT_STARTED:
    case OTTER_SIM_CUT_COUNT:
        break;
    }
}

static int program_page(struct otter_sim_flash *flash, uint32_t address, const uint8_t *bytes,
                        uint32_t length)
{
    switch (begin_operation(flash, address, length, false, flash->timing->page_program)) {
    case FATE_FAILS:
        return -1;
    case FATE_CUT:
        cut_program(flash, address, bytes, length);
        cut_power(flash);
        return -1;
    case FATE_LANDS:
        break;
    }
    program_bytes(flash, address, bytes, length);
    flash->counts.programs++;
    return 0;
}

int otter_sim_flash_program(struct otter_sim_flash *flash, uint32_t address, const void *bytes,
                            uint32_t length)
{
    const uint8_t *from = bytes;
    if (check_range(flash, "program", address, length, WORD, bytes) != 0)
        return -1;
    if (raises_a_bit(flash->bytes + address, from, length))
        return violate(flash, "flash not erased", "program", address, length);
    while (length > 0) {
        uint32_t room = OTTER_FLASH_PAGE - address % OTTER_FLASH_PAGE;
        uint32_t part = length < room ? length : room;
        if (program_page(flash, address, from, part) != 0)
            return -1;
        address += part;
        from += part;
        length -= part;
    }
    return 0;
}

/* --- erasing ------------------------------------------------------------------------------------- */

/* An erased or loaded range is stable again. The record is one range: of what a smaller erase leaves on both
 * sides, the part behind it keeps the bits that it has. */
static void make_stable(struct otter_sim_flash *flash, uint32_t address, uint32_t length)
{
    uint32_t start = flash->unstable_sector, end = address + length;
    if (start == NO_SECTOR || end <= start || address >= start + flash->unstable_length)
        return;
    if (address > start) {
        flash->unstable_length = address - start;
    } else if (end < start + flash->unstable_length) {
        flash->unstable_length -= end - start;
        flash->unstable_sector = end;
    } else {
        flash->unstable_sector = NO_SECTOR;
        flash->unstable_length = 0;
    }
}

static void erase_bytes(struct otter_sim_flash *flash, uint32_t address, uint32_t length)
{
    memset(flash->bytes + address, 0xFF, length);
    make_stable(flash, address, length);
}

static void erase_some_bits(struct otter_sim_flash *flash, uint32_t address, uint32_t length)
{
    uint64_t state = random_of(flash, flash->operation);
    for (uint32_t i = 0; i < length; i++)
        flash->bytes[address + i] |= (uint8_t)otter_sim_random(&state);
}

static void wear_out(struct otter_sim_flash *flash, uint32_t address, uint32_t length)
{
    for (uint32_t at = address; at < address + length; at += OTTER_FLASH_SECTOR)
        flash->wear[at / OTTER_FLASH_SECTOR]++;
}

static void cut_erase(struct otter_sim_flash *flash, uint32_t address, uint32_t length)
{
    switch (flash->cut) {
    case OTTER_SIM_CUT_LANDED:
        erase_bytes(flash, address, length);
        break;
    case OTTER_SIM_CUT_TORN_PREFIX:
        erase_bytes(flash, address, torn_length(flash, length));
        break;
    case OTTER_SIM_CUT_TORN_RANDOM:
        erase_some_bits(flash, address, length);
        break;
    case OTTER_SIM_CUT_HALF_ERASED:
        erase_some_bits(flash, address, length);
        flash->unstable_sector = address;
        flash->unstable_length = length;
        break;
    case OTTER_SIM_CUT_NOT_STARTED:
    case OTTER_SIM_CUT_COUNT:
        return;
    }
    wear_out(flash, address, length);
}

static int erase(struct otter_sim_flash *flash, uint32_t address, uint32_t length, uint64_t ns)
{
    if (check_range(flash, "erase", address, length, length, NULL) != 0)
        return -1;
    switch (begin_operation(flash, address, length, true, ns)) {
    case FATE_FAILS:
        return -1;
    case FATE_CUT:
        cut_erase(flash, address, length);
        cut_power(flash);
        return -1;
    case FATE_LANDS:
        break;
    }
    erase_bytes(flash, address, length);
    wear_out(flash, address, length);
    return 0;
}

int otter_sim_flash_erase_sector(struct otter_sim_flash *flash, uint32_t address)
{
    if (erase(flash, address, OTTER_FLASH_SECTOR, flash->timing->sector_erase) != 0)
        return -1;
    flash->counts.sector_erases++;
    return 0;
}

int otter_sim_flash_erase_block(struct otter_sim_flash *flash, uint32_t address)
{
    if (erase(flash, address, OTTER_FLASH_BLOCK, flash->timing->block_erase) != 0)
        return -1;
    flash->counts.block_erases++;
    return 0;
}

void otter_sim_flash_load(struct otter_sim_flash *flash, uint32_t address, const void *bytes, uint32_t length)
{
    assert(length <= flash->size && address <= flash->size - length);
    memcpy(flash->bytes + address, bytes, length);
    make_stable(flash, address, length);
}
