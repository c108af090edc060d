#include "server/core/device_table.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_ROWS 4096u
#define SLOTS_MIN  1024u

/* Digests, then two texts with their ends. */
#define FIRMWARE_MAX (OTTER_DIGEST_MD5 + OTTER_DIGEST_SHA256 + OTTER_SDK_SIZE + OTTER_VERSION_SIZE)

/* --- the index ---------------------------------------------------------------------------------- */

/* splitmix64's finaliser: MACs of one maker differ in few bits. */
static uint32_t hash_of(uint64_t mac)
{
    mac = (mac ^ mac >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mac = (mac ^ mac >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)(mac ^ mac >> 31);
}

struct otter_device_row *otter_device_table_row(const struct otter_device_table *table, uint32_t row)
{
    return &table->chunks[row / CHUNK_ROWS][row % CHUNK_ROWS];
}

/* The slot of MAC, or the empty one where it belongs. */
static uint32_t find_slot(const struct otter_device_table *table, uint64_t mac)
{
    uint32_t slot = hash_of(mac) & table->slot_mask;
    while (table->slots[slot] != 0 && otter_device_table_row(table, table->slots[slot] - 1)->mac != mac)
        slot = (slot + 1) & table->slot_mask;
    return slot;
}

uint32_t otter_device_table_find(const struct otter_device_table *table, uint64_t mac)
{
    /* An empty slot's 0 less one is OTTER_DEVICE_NONE. */
    return table->slots == NULL ? OTTER_DEVICE_NONE : table->slots[find_slot(table, mac)] - 1;
}

static bool grow_slots(struct otter_device_table *table)
{
    uint32_t count = table->slots == NULL ? SLOTS_MIN : (table->slot_mask + 1) * 2;
    uint32_t *slots = calloc(count, sizeof(*slots));
    if (slots == NULL)
        return false;
    free(table->slots);
    table->bytes += (table->slots == NULL ? count : count / 2) * sizeof(*slots);
    table->slots = slots;
    table->slot_mask = count - 1;
    for (uint32_t row = 0; row < table->count; row++)
        table->slots[find_slot(table, otter_device_table_row(table, row)->mac)] = row + 1;
    return true;
}

static bool grow_chunks(struct otter_device_table *table)
{
    struct otter_device_row **chunks =
        realloc(table->chunks, (table->chunk_count + 1) * sizeof(struct otter_device_row *));
    if (chunks == NULL)
        return false;
    table->chunks = chunks;
    chunks[table->chunk_count] = malloc(CHUNK_ROWS * sizeof(struct otter_device_row));
    if (chunks[table->chunk_count] == NULL)
        return false;
    table->chunk_count++;
    table->bytes += CHUNK_ROWS * sizeof(struct otter_device_row) + sizeof(struct otter_device_row *);
    return true;
}

/* Room for one device more; the index is at most three quarters full. */
static bool has_room(struct otter_device_table *table)
{
    if ((table->slots == NULL || table->count + 1 > table->slot_mask / 4 * 3) && !grow_slots(table))
        return false;
    return table->count < table->chunk_count * CHUNK_ROWS || grow_chunks(table);
}

/* --- packing ------------------------------------------------------------------------------------ */

static size_t pack_firmware(uint8_t out[FIRMWARE_MAX], const struct otter_report *report)
{
    size_t sdk = strlen(report->sdk) + 1, version = strlen(report->version) + 1;
    uint8_t *to = out;
    memcpy(to, report->md5, sizeof(report->md5));
    to += sizeof(report->md5);
    memcpy(to, report->sha256, sizeof(report->sha256));
    to += sizeof(report->sha256);
    memcpy(to, report->sdk, sdk);
    to += sdk;
    memcpy(to, report->version, version);
    return (size_t)(to - out) + version;
}

static void unpack_firmware(struct otter_report *report, const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return;
    memcpy(report->md5, bytes, sizeof(report->md5));
    bytes += sizeof(report->md5);
    memcpy(report->sha256, bytes, sizeof(report->sha256));
    bytes += sizeof(report->sha256);
    size_t sdk = strlen((const char *)bytes) + 1;
    memcpy(report->sdk, bytes, sdk);
    memcpy(report->version, bytes + sdk, strlen((const char *)bytes + sdk) + 1);
}

/* Replaces what *HANDLE stands for. False when out of memory. */
static bool keep(struct otter_pool *pool, uint32_t *handle, const void *bytes, size_t size)
{
    size_t before;
    const void *kept = otter_pool_bytes(pool, *handle, &before);
    if (before == size && memcmp(kept, bytes, size) == 0)
        return true;
    uint32_t held = otter_pool_hold(pool, bytes, size);
    if (held == UINT32_MAX)
        return false;
    otter_pool_drop(pool, *handle);
    *handle = held;
    return true;
}

/* The handles first: only they may fail. */
static bool pack_shared(struct otter_pool *pool, struct otter_device_row *row,
                        const struct otter_device *device)
{
    const struct otter_attempt *attempt = &device->attempts[OTTER_RELEASE_FILESYSTEM];
    uint8_t firmware[FIRMWARE_MAX];
    size_t size = pack_firmware(firmware, &device->last);
    return keep(pool, &row->name, device->name, strlen(device->name)) &&
           keep(pool, &row->tags, device->tags, strlen(device->tags)) &&
           keep(pool, &row->firmware, firmware, device->last.fields != 0 ? size : 0) &&
           keep(pool, &row->filesystem_attempt, attempt, attempt->release != 0 ? sizeof(*attempt) : 0);
}

static uint16_t narrow(uint32_t count)
{
    return count < UINT16_MAX ? (uint16_t)count : UINT16_MAX;
}

static void pack(struct otter_device_row *row, const struct otter_device *device)
{
    const struct otter_report *last = &device->last;
    const struct otter_attempt *attempt = &device->attempts[OTTER_RELEASE_SKETCH];
    row->mac = device->mac;
    row->seen = device->seen;
    row->enrolled = device->enrolled;
    row->since = attempt->since;
    row->ap_mac = last->ap_mac;
    row->product = (uint32_t)device->product;
    row->channel = (uint32_t)device->channel;
    row->pin = (uint32_t)device->pin;
    row->running = (uint32_t)device->running;
    row->filesystem = (uint32_t)device->filesystem;
    row->attempt_release = (uint32_t)attempt->release;
    row->attempt_rollout = (uint32_t)attempt->rollout;
    row->chip_id = last->chip_id;
    row->free_space = last->free_space;
    row->sketch_size = last->sketch_size;
    row->chip_size = last->chip_size;
    row->fields = (uint16_t)last->fields;
    row->attempt_offers = narrow(attempt->offers);
    row->attempt_failures = narrow(attempt->failures);
    row->attempt_state = (uint8_t)attempt->state;
    row->enrolment = (uint8_t)device->enrolment;
    row->chip = (uint8_t)last->chip;
    row->mode = (uint8_t)last->mode;
}

static void unpack_text(const struct otter_pool *pool, uint32_t handle, char *out)
{
    size_t size;
    const void *bytes = otter_pool_bytes(pool, handle, &size);
    memcpy(out, bytes, size);
}

void otter_device_table_get(const struct otter_device_table *table, uint32_t number,
                            struct otter_device *device)
{
    const struct otter_device_row *row = otter_device_table_row(table, number);
    struct otter_report *last = &device->last;
    struct otter_attempt *attempt = &device->attempts[OTTER_RELEASE_SKETCH];
    size_t size;
    const void *bytes;
    memset(device, 0, sizeof(*device));
    device->mac = row->mac;
    device->product = row->product;
    device->channel = row->channel;
    device->pin = row->pin;
    device->enrolment = row->enrolment;
    device->enrolled = row->enrolled;
    device->seen = row->seen;
    device->running = row->running;
    device->filesystem = row->filesystem;
    unpack_text(&table->pool, row->name, device->name);
    unpack_text(&table->pool, row->tags, device->tags);
    last->fields = row->fields;
    last->chip = row->chip;
    last->mode = row->mode;
    last->ap_mac = row->ap_mac;
    last->chip_id = row->chip_id;
    last->free_space = row->free_space;
    last->sketch_size = row->sketch_size;
    last->chip_size = row->chip_size;
    bytes = otter_pool_bytes(&table->pool, row->firmware, &size);
    unpack_firmware(last, bytes, size);
    attempt->release = row->attempt_release;
    attempt->rollout = row->attempt_rollout;
    attempt->state = row->attempt_state;
    attempt->offers = row->attempt_offers;
    attempt->failures = row->attempt_failures;
    attempt->since = row->since;
    bytes = otter_pool_bytes(&table->pool, row->filesystem_attempt, &size);
    memcpy(&device->attempts[OTTER_RELEASE_FILESYSTEM], bytes, size);
}

/* --- putting and removing ----------------------------------------------------------------------- */

static void drop_shared(struct otter_pool *pool, const struct otter_device_row *row)
{
    otter_pool_drop(pool, row->name);
    otter_pool_drop(pool, row->tags);
    otter_pool_drop(pool, row->firmware);
    otter_pool_drop(pool, row->filesystem_attempt);
}

static uint32_t add(struct otter_device_table *table, const struct otter_device *device)
{
    if (!has_room(table))
        return OTTER_DEVICE_NONE;
    uint32_t number = table->count;
    struct otter_device_row *row = otter_device_table_row(table, number);
    memset(row, 0, sizeof(*row));
    if (!pack_shared(&table->pool, row, device)) {
        drop_shared(&table->pool, row);
        return OTTER_DEVICE_NONE;
    }
    pack(row, device);
    table->slots[find_slot(table, device->mac)] = number + 1;
    table->count++;
    return number;
}

uint32_t otter_device_table_put(struct otter_device_table *table, const struct otter_device *device)
{
    uint32_t number = otter_device_table_find(table, device->mac);
    if (number == OTTER_DEVICE_NONE)
        return add(table, device);
    struct otter_device_row *row = otter_device_table_row(table, number);
    if (!pack_shared(&table->pool, row, device))
        return OTTER_DEVICE_NONE;
    pack(row, device);
    return number;
}

/* Closes the gap at SLOT: entries behind it that could not have their place move up. */
static void empty_slot(struct otter_device_table *table, uint32_t slot)
{
    uint32_t next = slot;
    for (;;) {
        next = (next + 1) & table->slot_mask;
        if (table->slots[next] == 0)
            break;
        uint64_t mac = otter_device_table_row(table, table->slots[next] - 1)->mac;
        uint32_t home = hash_of(mac) & table->slot_mask;
        if (((next - home) & table->slot_mask) >= ((next - slot) & table->slot_mask)) {
            table->slots[slot] = table->slots[next];
            slot = next;
        }
    }
    table->slots[slot] = 0;
}

void otter_device_table_remove(struct otter_device_table *table, uint32_t number)
{
    struct otter_device_row *row = otter_device_table_row(table, number);
    uint32_t last = table->count - 1;
    drop_shared(&table->pool, row);
    empty_slot(table, find_slot(table, row->mac));
    if (number != last) {
        const struct otter_device_row *moved = otter_device_table_row(table, last);
        table->slots[find_slot(table, moved->mac)] = number + 1;
        *row = *moved;
    }
    table->count--;
}

void otter_device_table_free(struct otter_device_table *table)
{
    for (uint32_t i = 0; i < table->chunk_count; i++)
        free(table->chunks[i]);
    free((void *)table->chunks);
    free(table->slots);
    otter_pool_free(&table->pool);
    *table = (struct otter_device_table){0};
}
