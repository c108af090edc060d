#include "server/core/pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 64u

/* FNV-1a. */
static uint32_t hash_of(const uint8_t *bytes, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

static bool is_entry(const struct otter_pool *pool, uint32_t handle, uint32_t hash, const void *bytes,
                     size_t size)
{
    const struct otter_pool_entry *entry = pool->entries[handle];
    return entry->hash == hash && entry->size == size && memcmp(entry->bytes, bytes, size) == 0;
}

/* The slot that holds such bytes, or the empty one where they belong. */
static uint32_t find_slot(const struct otter_pool *pool, uint32_t hash, const void *bytes, size_t size)
{
    uint32_t slot = hash & pool->slot_mask;
    while (pool->slots[slot] != 0 && !is_entry(pool, pool->slots[slot], hash, bytes, size))
        slot = (slot + 1) & pool->slot_mask;
    return slot;
}

static bool grow_slots(struct otter_pool *pool)
{
    uint32_t count = pool->slots == NULL ? SLOTS_MIN : (pool->slot_mask + 1) * 2;
    uint32_t *slots = calloc(count, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (uint32_t i = 0; pool->slots != NULL && i <= pool->slot_mask; i++) {
        uint32_t handle = pool->slots[i];
        if (handle == 0)
            continue;
        uint32_t slot = pool->entries[handle]->hash & (count - 1);
        while (slots[slot] != 0)
            slot = (slot + 1) & (count - 1);
        slots[slot] = handle;
    }
    pool->bytes += (count - (pool->slots == NULL ? 0 : pool->slot_mask + 1)) * sizeof(*slots);
    free(pool->slots);
    pool->slots = slots;
    pool->slot_mask = count - 1;
    return true;
}

/* Handles begin with 1. Those that come back need as much room in `unused` as there are. */
static bool grow_handles(struct otter_pool *pool)
{
    uint32_t capacity = pool->capacity == 0 ? SLOTS_MIN : pool->capacity * 2;
    struct otter_pool_entry **entries = realloc(pool->entries, capacity * sizeof(struct otter_pool_entry *));
    if (entries == NULL)
        return false;
    pool->entries = entries;
    uint32_t *unused = realloc(pool->unused, capacity * sizeof(*unused));
    if (unused == NULL)
        return false;
    pool->unused = unused;
    pool->bytes += (capacity - pool->capacity) * (sizeof(struct otter_pool_entry *) + sizeof(*unused));
    pool->capacity = capacity;
    return true;
}

static bool has_room(struct otter_pool *pool)
{
    if ((pool->slots == NULL || pool->used * 2 > pool->slot_mask) && !grow_slots(pool))
        return false;
    return pool->unused_count > 0 || pool->count + 1 < pool->capacity || grow_handles(pool);
}

static size_t entry_size(size_t size)
{
    return sizeof(struct otter_pool_entry) + size;
}

uint32_t otter_pool_hold(struct otter_pool *pool, const void *bytes, size_t size)
{
    if (size == 0)
        return 0;
    if (!has_room(pool))
        return UINT32_MAX;
    uint32_t hash = hash_of(bytes, size);
    uint32_t slot = find_slot(pool, hash, bytes, size);
    if (pool->slots[slot] != 0) {
        pool->entries[pool->slots[slot]]->holders++;
        return pool->slots[slot];
    }
    struct otter_pool_entry *entry = malloc(entry_size(size));
    if (entry == NULL)
        return UINT32_MAX;
    *entry = (struct otter_pool_entry){.hash = hash, .holders = 1, .size = (uint32_t)size};
    memcpy(entry->bytes, bytes, size);
    uint32_t handle = pool->unused_count > 0 ? pool->unused[--pool->unused_count] : ++pool->count;
    pool->entries[handle] = entry;
    pool->slots[slot] = handle;
    pool->used++;
    pool->bytes += entry_size(size);
    return handle;
}

/* Closes the gap at SLOT: entries behind it that could not have their place move up. */
static void empty_slot(struct otter_pool *pool, uint32_t slot)
{
    uint32_t next = slot;
    for (;;) {
        next = (next + 1) & pool->slot_mask;
        if (pool->slots[next] == 0)
            break;
        uint32_t home = pool->entries[pool->slots[next]]->hash & pool->slot_mask;
        if (((next - home) & pool->slot_mask) >= ((next - slot) & pool->slot_mask)) {
            pool->slots[slot] = pool->slots[next];
            slot = next;
        }
    }
    pool->slots[slot] = 0;
}

void otter_pool_drop(struct otter_pool *pool, uint32_t handle)
{
    if (handle == 0)
        return;
    struct otter_pool_entry *entry = pool->entries[handle];
    if (--entry->holders > 0)
        return;
    empty_slot(pool, find_slot(pool, entry->hash, entry->bytes, entry->size));
    pool->entries[handle] = NULL;
    pool->unused[pool->unused_count++] = handle;
    pool->used--;
    pool->bytes -= entry_size(entry->size);
    free(entry);
}

const void *otter_pool_bytes(const struct otter_pool *pool, uint32_t handle, size_t *size)
{
    if (handle == 0) {
        *size = 0;
        return "";
    }
    *size = pool->entries[handle]->size;
    return pool->entries[handle]->bytes;
}

void otter_pool_free(struct otter_pool *pool)
{
    for (uint32_t i = 1; i <= pool->count && pool->entries != NULL; i++)
        free(pool->entries[i]);
    free((void *)pool->entries);
    free(pool->unused);
    free(pool->slots);
    *pool = (struct otter_pool){0};
}
