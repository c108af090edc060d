/* Every device, packed, with an index by MAC: about 130 bytes each. What many have in common (tags, digests,
 * versions) is kept once. Ids must be below 2^32.
 *
 * A row's number is good until a device is removed. */
#ifndef OTTER_CORE_DEVICE_TABLE_H
#define OTTER_CORE_DEVICE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/pool.h"
#include "server/store/records.h"

#define OTTER_DEVICE_NONE UINT32_MAX

/* What of a device is not in the store yet. */
enum otter_unsaved {
    OTTER_UNSAVED_SEEN = 1,   /* it was seen again, as it was */
    OTTER_UNSAVED_QUEUED = 2, /* it waits in the fleet's queue */
};

struct otter_device_row {
    uint64_t mac;
    int64_t seen;
    int64_t enrolled;
    int64_t since; /* of the sketch's attempt, as the fields `attempt_` below */
    uint64_t ap_mac;
    uint32_t product;
    uint32_t channel;
    uint32_t pin;
    uint32_t running;
    uint32_t filesystem;
    uint32_t attempt_release;
    uint32_t attempt_rollout;
    uint32_t chip_id;
    uint32_t free_space;
    uint32_t sketch_size;
    uint32_t chip_size;
    /* handles of the pool */
    uint32_t name;
    uint32_t tags;
    uint32_t firmware;           /* digests, SDK and version */
    uint32_t filesystem_attempt; /* struct otter_attempt */
    uint16_t fields;
    uint16_t attempt_offers;
    uint16_t attempt_failures;
    uint8_t attempt_state;
    uint8_t enrolment;
    uint8_t chip;
    uint8_t mode;
    uint8_t unsaved; /* of enum otter_unsaved; the fleet's */
    uint8_t zero;    /* no gaps: rows are compared as bytes */
};

/* Zero the struct to start. */
struct otter_device_table {
    struct otter_device_row **chunks;
    uint32_t chunk_count;
    uint32_t count;  /* devices */
    uint32_t *slots; /* hash table of row numbers + 1; 0: empty */
    uint32_t slot_mask;
    struct otter_pool pool;
    size_t bytes; /* memory in all but the pool */
};

/* The row of MAC, or OTTER_DEVICE_NONE. */
uint32_t otter_device_table_find(const struct otter_device_table *table, uint64_t mac);

struct otter_device_row *otter_device_table_row(const struct otter_device_table *table, uint32_t row);

/* Unpacks a row. */
void otter_device_table_get(const struct otter_device_table *table, uint32_t row,
                            struct otter_device *device);

/* Puts DEVICE in the place of the one with its MAC, or adds it: its row, or OTTER_DEVICE_NONE when out of
 * memory. */
uint32_t otter_device_table_put(struct otter_device_table *table, const struct otter_device *device);

/* Another row takes the number of the one that goes. */
void otter_device_table_remove(struct otter_device_table *table, uint32_t row);

void otter_device_table_free(struct otter_device_table *table);

#endif
