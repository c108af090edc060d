#include "tests/server/rig.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/require.h"
#include "tests/support/seed.h"

void rig_open(struct rig *rig, const struct otter_store_backend *backend)
{
    memset(rig, 0, sizeof(*rig));
    rig->backend = backend;
    scene_open(&rig->scene);
    STORE_OK(backend->open(&rig->store, rig->scene.folder, &rig->reason), &rig->reason);
}

void rig_reopen(struct rig *rig)
{
    rig->backend->close(rig->store);
    STORE_OK(rig->backend->open(&rig->store, rig->scene.folder, &rig->reason), &rig->reason);
}

void rig_close(struct rig *rig)
{
    rig->backend->close(rig->store);
    scene_close(&rig->scene);
}

static void fill_text(char *text, size_t size, uint64_t *seed)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz'\"\\%;\xC3\xBC";
    size_t length = 1 + seed_below(seed, (uint32_t)size - 1);
    memset(text, 0, size);
    for (size_t i = 0; i < length; i++)
        text[i] = letters[seed_below(seed, sizeof(letters) - 1)];
}

static void fill_field(const struct otter_field *field, char *record, uint64_t *seed)
{
    char *to = record + field->offset;
    uint32_t *numbers = (uint32_t *)(void *)to;
    switch (field->type) {
    case OTTER_FIELD_REFERENCE:
        return;
    case OTTER_FIELD_TEXT:
        if (strcmp(field->name, "tags") == 0)
            snprintf(to, field->size, "indoor t%u", seed_below(seed, 9));
        else
            fill_text(to, field->size, seed);
        return;
    case OTTER_FIELD_BOOL:
        *(bool *)to = seed_below(seed, 2) == 1;
        return;
    case OTTER_FIELD_NUMBERS:
        for (uint32_t i = 0; i < 3; i++)
            numbers[i] = i * 1000 + 1 + seed_below(seed, 999);
        return;
    case OTTER_FIELD_INT64:
        *(uint64_t *)(void *)to = seed_next(seed) >> 1;
        return;
    default:
        seed_fill(seed, to, field->size);
    }
}

void rig_fill(enum otter_table table, void *record, uint64_t *seed)
{
    const struct otter_shape *shape = otter_shape(table);
    memset(record, 0, shape->size);
    for (size_t i = 1; i < shape->count; i++)
        fill_field(&shape->fields[i], record, seed);
}

int64_t rig_product(struct rig *rig, const char *name)
{
    struct otter_product product = {.created = 1};
    snprintf(product.name, sizeof(product.name), "%s", name);
    STORE_OK(otter_store_put(rig->store, &product), &rig->store->reason);
    return product.id;
}

int64_t rig_channel(struct rig *rig, int64_t product, const char *name)
{
    struct otter_channel channel = {.product = product, .created = 2};
    snprintf(channel.name, sizeof(channel.name), "%s", name);
    STORE_OK(otter_store_put(rig->store, &channel), &rig->store->reason);
    return channel.id;
}

int64_t rig_release(struct rig *rig, int64_t product, const char *version)
{
    struct otter_release release = {
        .product = product, .state = OTTER_RELEASE_PUBLISHED, .size = 1000, .created = 3, .published = 4};
    snprintf(release.version, sizeof(release.version), "%s", version);
    STORE_OK(otter_store_put(rig->store, &release), &rig->store->reason);
    return release.id;
}
