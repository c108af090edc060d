/* What the server's tests work with: a data folder, a store in it, and records made from seeds. */
#ifndef OTTER_TEST_SERVER_RIG_H
#define OTTER_TEST_SERVER_RIG_H

#include "server/store/store.h"
#include "tests/support/scene.h"

/* Fails the test, with the reason, unless EXPRESSION is OTTER_STORE_OK; REASON is a struct otter_reason *. */
#define STORE_OK(expression, reason)                                                                         \
    do {                                                                                                     \
        int status_ = (expression);                                                                          \
        REQUIRE(status_ == OTTER_STORE_OK, "%s: %d, %s", #expression, status_, (reason)->text);              \
    } while (0)

struct rig {
    struct scene scene;
    const struct otter_store_backend *backend;
    struct otter_store *store;
    struct otter_reason reason;
};

/* Makes a data folder with an empty store. */
void rig_open(struct rig *rig, const struct otter_store_backend *backend);
/* Closes the store and opens it again. */
void rig_reopen(struct rig *rig);
void rig_close(struct rig *rig);

/* Fills RECORD with whatever its fields take; its key and references are 0. */
void rig_fill(enum otter_table table, void *record, uint64_t *seed);

/* Puts records of little content but what they need; their ids. */
int64_t rig_product(struct rig *rig, const char *name);
int64_t rig_channel(struct rig *rig, int64_t product, const char *name);
int64_t rig_release(struct rig *rig, int64_t product, const char *version);

#endif
