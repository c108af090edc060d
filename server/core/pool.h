/* Strings of bytes that many records have in common, each kept once, with a count of who holds it. */
#ifndef OTTER_CORE_POOL_H
#define OTTER_CORE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct otter_pool_entry {
    uint32_t hash;
    uint32_t holders;
    uint32_t size;
    uint8_t bytes[];
};

/* Zero the struct to start. A handle is an entry's number; 0 stands for no bytes at all. */
struct otter_pool {
    struct otter_pool_entry **entries; /* by handle; NULL: free */
    uint32_t count;                    /* handles that were given out */
    uint32_t capacity;
    uint32_t *unused; /* handles that came back */
    uint32_t unused_count;
    uint32_t *slots; /* hash table of handles, half full at most; 0: empty */
    uint32_t slot_mask;
    uint32_t used;
    size_t bytes; /* memory in all */
};

/* A handle for BYTES, which its caller holds from now on; UINT32_MAX: out of memory. */
uint32_t otter_pool_hold(struct otter_pool *pool, const void *bytes, size_t size);

/* Gives a handle back. */
void otter_pool_drop(struct otter_pool *pool, uint32_t handle);

/* The bytes of HANDLE, good until it is dropped, and how many. */
const void *otter_pool_bytes(const struct otter_pool *pool, uint32_t handle, size_t *size);

void otter_pool_free(struct otter_pool *pool);

#endif
