#include "server/core/catalog.h"

#include <stdlib.h>
#include <string.h>

/* Digests of a sketch: by flash mode, of the file, of the image, and the two SHA-256. */
#define DIGESTS_PER_RELEASE (OTTER_FLASH_MODES + 4)

static const enum otter_table tables[] = {OTTER_TABLE_PRODUCT, OTTER_TABLE_CHANNEL, OTTER_TABLE_ROUTE,
                                          OTTER_TABLE_RELEASE, OTTER_TABLE_ROLLOUT};
#define TABLE_COUNT (sizeof(tables) / sizeof(tables[0]))

/* --- lists -------------------------------------------------------------------------------------- */

static bool append(struct otter_catalog_list *list, const void *record, size_t size)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity * 2 + 16;
        void *larger = realloc(list->records, capacity * size);
        if (larger == NULL)
            return false;
        list->records = larger;
        list->capacity = capacity;
    }
    memcpy((char *)list->records + list->count++ * size, record, size);
    return true;
}

static void *find(const struct otter_catalog *catalog, enum otter_table table, int64_t id)
{
    const struct otter_catalog_list *list = &catalog->lists[table];
    const struct otter_shape *shape = otter_shape(table);
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        char *record = (char *)list->records + middle * shape->size;
        int64_t key = otter_shape_key(shape, record);
        if (key == id)
            return record;
        if (key < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct otter_product *otter_catalog_product(const struct otter_catalog *catalog, int64_t id)
{
    return find(catalog, OTTER_TABLE_PRODUCT, id);
}

const struct otter_channel *otter_catalog_channel(const struct otter_catalog *catalog, int64_t id)
{
    return find(catalog, OTTER_TABLE_CHANNEL, id);
}

const struct otter_release *otter_catalog_release(const struct otter_catalog *catalog, int64_t id)
{
    return find(catalog, OTTER_TABLE_RELEASE, id);
}

struct otter_rollout *otter_catalog_rollout(const struct otter_catalog *catalog, int64_t id)
{
    return find(catalog, OTTER_TABLE_ROLLOUT, id);
}

const struct otter_route *otter_catalog_route(const struct otter_catalog *catalog, const char *path)
{
    const struct otter_catalog_list *list = &catalog->lists[OTTER_TABLE_ROUTE];
    const struct otter_route *routes = list->records;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(routes[i].path, path) == 0)
            return &routes[i];
    return NULL;
}

const struct otter_product *otter_catalog_only_product(const struct otter_catalog *catalog)
{
    const struct otter_catalog_list *list = &catalog->lists[OTTER_TABLE_PRODUCT];
    return list->count == 1 ? list->records : NULL;
}

/* --- digests ------------------------------------------------------------------------------------ */

static uint64_t prefix_of(const uint8_t *digest)
{
    uint64_t prefix;
    memcpy(&prefix, digest, sizeof(prefix));
    return prefix;
}

static void add_digests(struct otter_catalog *catalog, const struct otter_release *release)
{
    const uint8_t *digests[DIGESTS_PER_RELEASE] = {release->md5, release->image_md5, release->sha256,
                                                   release->flash_sha256};
    for (size_t mode = 0; mode < OTTER_FLASH_MODES; mode++)
        digests[4 + mode] = release->flash_md5[mode];
    for (size_t i = 0; i < DIGESTS_PER_RELEASE; i++)
        catalog->digests[catalog->digest_count++] =
            (struct otter_catalog_digest){.prefix = prefix_of(digests[i]), .release = release};
}

static int compare_digests(const void *left, const void *right)
{
    const struct otter_catalog_digest *a = left, *b = right;
    return (a->prefix > b->prefix) - (a->prefix < b->prefix);
}

static bool index_digests(struct otter_catalog *catalog)
{
    const struct otter_catalog_list *list = &catalog->lists[OTTER_TABLE_RELEASE];
    const struct otter_release *releases = list->records;
    catalog->digests = calloc(list->count * DIGESTS_PER_RELEASE + 1, sizeof(*catalog->digests));
    if (catalog->digests == NULL)
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (releases[i].kind == OTTER_RELEASE_SKETCH)
            add_digests(catalog, &releases[i]);
    qsort(catalog->digests, catalog->digest_count, sizeof(*catalog->digests), compare_digests);
    return true;
}

static size_t first_with(const struct otter_catalog *catalog, uint64_t prefix)
{
    size_t low = 0, high = catalog->digest_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (catalog->digests[middle].prefix < prefix)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct otter_release *find_digest(const struct otter_catalog *catalog, int64_t product,
                                               const struct otter_report *report, const uint8_t *digest)
{
    uint64_t prefix = prefix_of(digest);
    for (size_t i = first_with(catalog, prefix);
         i < catalog->digest_count && catalog->digests[i].prefix == prefix; i++) {
        const struct otter_release *release = catalog->digests[i].release;
        if (release->product == product && otter_release_has_digest(release, report))
            return release;
    }
    return NULL;
}

const struct otter_release *otter_catalog_running(const struct otter_catalog *catalog, int64_t product,
                                                  const struct otter_report *report)
{
    const struct otter_release *found = NULL;
    if ((report->fields & OTTER_REPORTED_MD5) != 0)
        found = find_digest(catalog, product, report, report->md5);
    if (found == NULL && (report->fields & OTTER_REPORTED_SHA256) != 0)
        found = find_digest(catalog, product, report, report->sha256);
    return found;
}

/* --- plans -------------------------------------------------------------------------------------- */

static int compare_plans(const void *left, const void *right)
{
    const struct otter_rollout *a = ((const struct otter_plan *)left)->rollout;
    const struct otter_rollout *b = ((const struct otter_plan *)right)->rollout;
    if (a->product != b->product)
        return a->product < b->product ? -1 : 1;
    if (a->started != b->started)
        return a->started > b->started ? -1 : 1;
    return (a->id < b->id) - (a->id > b->id);
}

bool otter_catalog_order(struct otter_catalog *catalog)
{
    const struct otter_catalog_list *list = &catalog->lists[OTTER_TABLE_ROLLOUT];
    const struct otter_rollout *rollouts = list->records;
    struct otter_plan *plans = calloc(list->count + 1, sizeof(*plans));
    size_t count = 0;
    free(catalog->plans);
    catalog->plans = plans;
    catalog->plan_count = 0;
    if (plans == NULL)
        return false;
    for (size_t i = 0; i < list->count; i++) {
        const struct otter_release *release = otter_catalog_release(catalog, rollouts[i].release);
        if (release != NULL && rollouts[i].started != 0)
            plans[count++] = (struct otter_plan){.rollout = &rollouts[i], .release = release};
    }
    qsort(plans, count, sizeof(*plans), compare_plans);
    catalog->plan_count = count;
    return true;
}

struct otter_catalog_plans otter_catalog_plans(const struct otter_catalog *catalog, int64_t product)
{
    size_t low = 0, high = catalog->plan_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (catalog->plans[middle].rollout->product < product)
            low = middle + 1;
        else
            high = middle;
    }
    struct otter_catalog_plans found = {.plans = catalog->plans + low};
    while (low + found.count < catalog->plan_count && found.plans[found.count].rollout->product == product)
        found.count++;
    return found;
}

/* Ids are given by the store; two that were given at the same time may come in either order. */
static void sink_last(struct otter_catalog_list *list)
{
    struct otter_rollout *rollouts = list->records;
    for (size_t i = list->count - 1; i > 0 && rollouts[i - 1].id > rollouts[i].id; i--) {
        struct otter_rollout held = rollouts[i];
        rollouts[i] = rollouts[i - 1];
        rollouts[i - 1] = held;
    }
}

bool otter_catalog_put_rollout(struct otter_catalog *catalog, const struct otter_rollout *rollout)
{
    struct otter_rollout *place = otter_catalog_rollout(catalog, rollout->id);
    if (place != NULL)
        *place = *rollout;
    else if (!append(&catalog->lists[OTTER_TABLE_ROLLOUT], rollout, sizeof(*rollout)))
        return false;
    else
        sink_last(&catalog->lists[OTTER_TABLE_ROLLOUT]);
    return otter_catalog_order(catalog);
}

/* --- loading ------------------------------------------------------------------------------------ */

struct loading {
    struct otter_catalog_list *list;
    size_t size;
    bool failed;
};

static bool load_record(void *context, const void *record)
{
    struct loading *loading = context;
    loading->failed = !append(loading->list, record, loading->size);
    return !loading->failed;
}

static int load_table(struct otter_catalog *catalog, struct otter_store *store, enum otter_table table,
                      struct otter_reason *reason)
{
    struct loading loading = {.list = &catalog->lists[table], .size = otter_shape(table)->size};
    struct otter_store_page all = {.limit = 0};
    int shown = store->backend->list(store, table, &all, load_record, &loading);
    if (shown >= 0 && !loading.failed)
        return OTTER_STORE_OK;
    otter_reason_set(reason, "%s", shown < 0 ? store->reason.text : "out of memory");
    return shown < 0 ? shown : OTTER_STORE_FAILED;
}

int otter_catalog_load(struct otter_catalog *catalog, struct otter_store *store, struct otter_reason *reason)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        int status = load_table(catalog, store, tables[i], reason);
        if (status != OTTER_STORE_OK)
            return status;
    }
    if (index_digests(catalog) && otter_catalog_order(catalog))
        return OTTER_STORE_OK;
    otter_reason_set(reason, "out of memory");
    return OTTER_STORE_FAILED;
}

void otter_catalog_free(struct otter_catalog *catalog)
{
    for (size_t i = 0; i < OTTER_TABLES; i++)
        free(catalog->lists[i].records);
    free(catalog->digests);
    free(catalog->plans);
    *catalog = (struct otter_catalog){0};
}

size_t otter_catalog_bytes(const struct otter_catalog *catalog)
{
    size_t bytes = catalog->digest_count * sizeof(*catalog->digests);
    bytes += catalog->plan_count * sizeof(*catalog->plans);
    for (size_t i = 0; i < TABLE_COUNT; i++)
        bytes += catalog->lists[tables[i]].capacity * otter_shape(tables[i])->size;
    return bytes;
}
