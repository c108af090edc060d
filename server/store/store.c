#include "server/store/store.h"

#include <string.h>

struct found {
    void *record;
    size_t size;
};

static bool keep_first(void *context, const void *record)
{
    const struct found *found = context;
    memcpy(found->record, record, found->size);
    return false;
}

int otter_store_find_in(struct otter_store *store, enum otter_table table,
                        const struct otter_store_match *matches, size_t count, void *record)
{
    struct found found = {record, otter_shape(table)->size};
    struct otter_store_page page = {.limit = 1};
    if (count > OTTER_STORE_MATCHES_MAX)
        return OTTER_STORE_ARGUMENT;
    memcpy(page.matches, matches, count * sizeof(*matches));
    int shown = store->backend->list(store, table, &page, keep_first, &found);
    if (shown < 0)
        return shown;
    return shown == 0 ? OTTER_STORE_ABSENT : OTTER_STORE_OK;
}
