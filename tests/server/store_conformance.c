#include "tests/support/test.h"

#include "tests/server/store_conformance.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/server/rig.h"
#include "tests/support/file.h"
#include "tests/support/require.h"
#include "tests/support/seed.h"

#define DEVICES 300

static const struct otter_store_backend *backend_under_test;

static int setup(void **state)
{
    static struct rig rig;
    rig_open(&rig, backend_under_test);
    *state = &rig;
    return 0;
}

static int teardown(void **state)
{
    rig_close(*state);
    return 0;
}

static int find(struct rig *rig, enum otter_table table, const char *field, int64_t number, const char *text,
                void *record)
{
    const struct otter_store_match match = {.field = field, .number = number, .text = text};
    return otter_store_find_in(rig->store, table, &match, 1, record);
}

/* --- records ------------------------------------------------------------------------------------ */

union any {
    struct otter_product product;
    struct otter_channel channel;
    struct otter_route route;
    struct otter_release release;
    struct otter_device device;
    struct otter_event event;
    struct otter_rollout rollout;
    struct otter_user user;
    struct otter_token token;
    struct otter_audit audit;
    struct otter_setting setting;
};

/* The references that a record can't be without, and some more. */
static void set_references(struct rig *rig, enum otter_table table, union any *any)
{
    static unsigned number;
    char name[32];
    snprintf(name, sizeof(name), "product %u", number++);
    int64_t product = rig_product(rig, name);
    int64_t channel = rig_channel(rig, product, "stable");
    int64_t release = rig_release(rig, product, "1.0");
    struct otter_user user = {.role = OTTER_ROLE_OPERATOR};
    snprintf(user.name, sizeof(user.name), "user %u", number);
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_USER, &user), &rig->store->reason);
    if (table == OTTER_TABLE_CHANNEL)
        any->channel.product = product;
    if (table == OTTER_TABLE_ROUTE)
        any->route.product = product;
    if (table == OTTER_TABLE_RELEASE)
        any->release.product = product;
    if (table == OTTER_TABLE_TOKEN)
        any->token.user = user.id;
    if (table == OTTER_TABLE_ROLLOUT) {
        any->rollout.product = product;
        any->rollout.release = release;
    }
    if (table == OTTER_TABLE_DEVICE) {
        any->device.mac = OTTER_MAC_LIMIT - 1 - number;
        any->device.product = product;
        any->device.channel = channel;
        any->device.pin = any->device.running = any->device.attempts[OTTER_RELEASE_SKETCH].release = release;
    }
}

static void every_field_of_every_record_comes_back(void **state)
{
    struct rig *rig = *state;
    uint64_t seed = 1;
    for (enum otter_table table = 0; table < OTTER_TABLES; table++) {
        const struct otter_shape *shape = otter_shape(table);
        union any put, got;
        rig_fill(table, &put, &seed);
        set_references(rig, table, &put);
        STORE_OK(rig->backend->put(rig->store, table, &put), &rig->store->reason);
        rig_reopen(rig);
        memset(&got, 0xA5, sizeof(got));
        STORE_OK(rig->backend->get(rig->store, table, otter_shape_key(shape, &put), &got),
                 &rig->store->reason);
        assert_memory_equal(&put, &got, shape->size);
    }
}

static void a_record_is_replaced_by_its_key(void **state)
{
    struct rig *rig = *state;
    struct otter_setting setting = {.name = "title", .value = "one"}, got;
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_SETTING, &setting), &rig->store->reason);
    int64_t id = setting.id;
    strcpy(setting.value, "two");
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_SETTING, &setting), &rig->store->reason);
    assert_int_equal(setting.id, id);
    STORE_OK(otter_store_get(rig->store, id, &got), &rig->store->reason);
    assert_string_equal(got.value, "two");
}

static void ids_are_not_used_again(void **state)
{
    struct rig *rig = *state;
    struct otter_setting first = {.name = "a"}, second = {.name = "b"};
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_SETTING, &first), &rig->store->reason);
    STORE_OK(rig->backend->remove(rig->store, OTTER_TABLE_SETTING, first.id), &rig->store->reason);
    rig_reopen(rig);
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_SETTING, &second), &rig->store->reason);
    assert_true(first.id > 0 && second.id > first.id);
}

static void what_is_not_there_is_absent(void **state)
{
    struct rig *rig = *state;
    struct otter_device device = {0};
    assert_int_equal(otter_store_get(rig->store, 7, &device), OTTER_STORE_ABSENT);
    assert_non_null(strstr(rig->store->reason.text, "device"));
    assert_int_equal(rig->backend->remove(rig->store, OTTER_TABLE_DEVICE, 7), OTTER_STORE_ABSENT);
    assert_int_equal(find(rig, OTTER_TABLE_DEVICE, "name", 0, "x", &device), OTTER_STORE_ABSENT);
}

static void a_device_needs_its_address(void **state)
{
    struct rig *rig = *state;
    struct otter_device device = {.name = "nobody"};
    assert_int_equal(backend_under_test->put(rig->store, OTTER_TABLE_DEVICE, &device), OTTER_STORE_ARGUMENT);
}

static void names_are_unique(void **state)
{
    struct rig *rig = *state;
    int64_t garden = rig_product(rig, "garden"), lamp = rig_product(rig, "lamp");
    struct otter_product product = {.name = "garden"};
    assert_int_equal(backend_under_test->put(rig->store, OTTER_TABLE_PRODUCT, &product),
                     OTTER_STORE_CONFLICT);
    rig_channel(rig, garden, "stable");
    rig_channel(rig, lamp, "stable");
    struct otter_channel channel = {.product = garden, .name = "stable"};
    assert_int_equal(backend_under_test->put(rig->store, OTTER_TABLE_CHANNEL, &channel),
                     OTTER_STORE_CONFLICT);
    rig_release(rig, garden, "1.0");
    rig_release(rig, lamp, "1.0");
    struct otter_release release = {.product = garden, .version = "1.0"};
    assert_int_equal(backend_under_test->put(rig->store, OTTER_TABLE_RELEASE, &release),
                     OTTER_STORE_CONFLICT);
    release.kind = OTTER_RELEASE_FILESYSTEM;
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_RELEASE, &release), &rig->store->reason);
}

static void what_is_referred_to_stays(void **state)
{
    struct rig *rig = *state;
    int64_t product = rig_product(rig, "garden");
    int64_t release = rig_release(rig, product, "1.0");
    struct otter_device device = {.mac = 1, .product = product, .running = release};
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_DEVICE, &device), &rig->store->reason);
    assert_int_equal(rig->backend->remove(rig->store, OTTER_TABLE_PRODUCT, product), OTTER_STORE_IN_USE);
    assert_int_equal(rig->backend->remove(rig->store, OTTER_TABLE_RELEASE, release), OTTER_STORE_IN_USE);
    device.running = 0;
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_DEVICE, &device), &rig->store->reason);
    STORE_OK(rig->backend->remove(rig->store, OTTER_TABLE_RELEASE, release), &rig->store->reason);
    device.pin = release;
    assert_int_equal(backend_under_test->put(rig->store, OTTER_TABLE_DEVICE, &device), OTTER_STORE_IN_USE);
}

static void a_product_and_its_channel_may_name_each_other(void **state)
{
    struct rig *rig = *state;
    struct otter_product product = {.name = "garden"};
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_PRODUCT, &product), &rig->store->reason);
    product.channel = rig_channel(rig, product.id, "stable");
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_PRODUCT, &product), &rig->store->reason);
    assert_int_equal(rig->backend->remove(rig->store, OTTER_TABLE_CHANNEL, product.channel),
                     OTTER_STORE_IN_USE);
}

static void records_are_found_by_digest(void **state)
{
    struct rig *rig = *state;
    struct otter_user user = {.name = "eva"};
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_USER, &user), &rig->store->reason);
    struct otter_token token = {.user = user.id, .hash = {0, 1, 2}}, got;
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_TOKEN, &token), &rig->store->reason);
    STORE_OK(find(rig, OTTER_TABLE_TOKEN, "hash", 0, (const char *)token.hash, &got), &rig->store->reason);
    assert_int_equal(got.id, token.id);
    token.hash[31] = 1;
    assert_int_equal(find(rig, OTTER_TABLE_TOKEN, "hash", 0, (const char *)token.hash, &got),
                     OTTER_STORE_ABSENT);
}

/* --- pages -------------------------------------------------------------------------------------- */

struct herd {
    struct otter_device devices[DEVICES]; /* by MAC, rising */
    int64_t products[3];
};

static void make_herd(struct rig *rig, struct herd *herd, uint64_t *seed)
{
    static const char *const tags[] = {"", "indoor", "indoor t1", "t1 t2"};
    memset(herd, 0, sizeof(*herd));
    for (size_t i = 1; i < TEST_COUNT(herd->products); i++)
        herd->products[i] = rig_product(rig, i == 1 ? "garden" : "lamp");
    STORE_OK(rig->backend->begin(rig->store), &rig->store->reason);
    for (unsigned i = 0; i < DEVICES; i++) {
        struct otter_device *device = &herd->devices[i];
        device->mac = (uint64_t)(i + 1) << 20 | seed_below(seed, 1 << 20);
        device->product = herd->products[seed_below(seed, 3)];
        device->enrolment = seed_below(seed, 3);
        snprintf(device->tags, sizeof(device->tags), "%s", tags[seed_below(seed, TEST_COUNT(tags))]);
        STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_DEVICE, device), &rig->store->reason);
        if (seed_below(seed, 4) == 0) {
            snprintf(device->tags, sizeof(device->tags), "%s", tags[seed_below(seed, TEST_COUNT(tags))]);
            STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_DEVICE, device), &rig->store->reason);
        }
    }
    STORE_OK(rig->backend->commit(rig->store), &rig->store->reason);
}

static bool has_word(const char *words, const char *word)
{
    const char *at = strstr(words, word);
    return at != NULL && (at == words || at[-1] == ' ') && strchr(" ", at[strlen(word)]) != NULL;
}

static bool meets(const struct otter_device *device, const struct otter_store_match *match)
{
    if (strcmp(match->field, "product") == 0)
        return device->product == match->number;
    if (strcmp(match->field, "enrolment") == 0)
        return device->enrolment == match->number;
    return has_word(device->tags, match->text);
}

static bool meets_all(const struct otter_device *device, const struct otter_store_page *page)
{
    for (size_t i = 0; i < OTTER_STORE_MATCHES_MAX && page->matches[i].field != NULL; i++)
        if (!meets(device, &page->matches[i]))
            return false;
    return page->after == 0 ||
           (page->descending ? (int64_t)device->mac < page->after : (int64_t)device->mac > page->after);
}

struct shown {
    uint64_t macs[DEVICES];
    size_t count;
};

static bool note(void *context, const void *record)
{
    struct shown *shown = context;
    shown->macs[shown->count++] = ((const struct otter_device *)record)->mac;
    return true;
}

/* Reads PAGE and all that follow it, and compares with what there is. */
static void read_pages(struct rig *rig, const struct herd *herd, struct otter_store_page page)
{
    struct shown shown = {.count = 0};
    size_t expected = 0;
    struct otter_store_page whole = page;
    int got;
    do {
        got = rig->backend->list(rig->store, OTTER_TABLE_DEVICE, &page, note, &shown);
        REQUIRE(got >= 0, "list: %s", rig->store->reason.text);
        if (shown.count > 0)
            page.after = (int64_t)shown.macs[shown.count - 1];
    } while (got > 0);
    for (size_t i = 0; i < DEVICES; i++) {
        const struct otter_device *device = &herd->devices[page.descending ? DEVICES - 1 - i : i];
        if (!meets_all(device, &whole))
            continue;
        assert_true(expected < shown.count);
        assert_true(shown.macs[expected] == device->mac);
        expected++;
    }
    assert_int_equal(expected, shown.count);
}

static void pages_hold_what_meets_their_conditions(void **state)
{
    struct rig *rig = *state;
    static struct herd herd;
    uint64_t seed = 2;
    make_herd(rig, &herd, &seed);
    for (int i = 0; i < 200; i++) {
        const struct otter_store_match matches[] = {
            {"product", herd.products[seed_below(&seed, 3)], NULL},
            {"enrolment", seed_below(&seed, 3), NULL},
            {"tags", 0, seed_below(&seed, 2) == 0 ? "indoor" : "t1"},
        };
        struct otter_store_page page = {.descending = seed_below(&seed, 2) == 1,
                                        .limit = 1 + seed_below(&seed, 40)};
        uint32_t count = seed_below(&seed, 4), first = seed_below(&seed, 3);
        for (uint32_t j = 0; j < count; j++)
            page.matches[j] = matches[(first + j) % 3];
        if (seed_below(&seed, 2) == 1)
            page.after = (int64_t)herd.devices[seed_below(&seed, DEVICES)].mac;
        read_pages(rig, &herd, page);
    }
}

static void a_removed_device_has_no_tags(void **state)
{
    struct rig *rig = *state;
    struct otter_device device = {.mac = 5, .tags = "indoor"};
    STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_DEVICE, &device), &rig->store->reason);
    STORE_OK(rig->backend->remove(rig->store, OTTER_TABLE_DEVICE, 5), &rig->store->reason);
    assert_int_equal(find(rig, OTTER_TABLE_DEVICE, "tags", 0, "indoor", &device), OTTER_STORE_ABSENT);
}

static bool stop(void *context, const void *record)
{
    (void)record;
    ++*(int *)context;
    return false;
}

static void whoever_looks_may_stop(void **state)
{
    struct rig *rig = *state;
    int looked = 0;
    rig_product(rig, "garden");
    rig_product(rig, "lamp");
    assert_int_equal(rig->backend->list(rig->store, OTTER_TABLE_PRODUCT,
                                        &(struct otter_store_page){.limit = 0}, stop, &looked),
                     1);
    assert_int_equal(looked, 1);
}

static void other_fields_are_no_conditions(void **state)
{
    struct rig *rig = *state;
    struct otter_device device;
    assert_int_equal(find(rig, OTTER_TABLE_DEVICE, "seen", 1, NULL, &device), OTTER_STORE_ARGUMENT);
    assert_int_equal(find(rig, OTTER_TABLE_DEVICE, "1=1--", 1, NULL, &device), OTTER_STORE_ARGUMENT);
}

static void the_oldest_events_expire(void **state)
{
    struct rig *rig = *state;
    struct otter_event got;
    for (int i = 1; i <= 10; i++) {
        struct otter_event event = {.at = i * 100, .mac = 9};
        STORE_OK(backend_under_test->put(rig->store, OTTER_TABLE_EVENT, &event), &rig->store->reason);
    }
    assert_int_equal(rig->backend->expire(rig->store, OTTER_TABLE_EVENT, 600, 3), 3);
    assert_int_equal(rig->backend->expire(rig->store, OTTER_TABLE_EVENT, 600, 100), 2);
    assert_int_equal(rig->backend->expire(rig->store, OTTER_TABLE_EVENT, 600, 100), 0);
    STORE_OK(find(rig, OTTER_TABLE_EVENT, "mac", 9, NULL, &got), &rig->store->reason);
    assert_int_equal(got.at, 600);
    assert_int_equal(rig->backend->expire(rig->store, OTTER_TABLE_DEVICE, 600, 1), OTTER_STORE_ARGUMENT);
}

/* --- transactions, sessions, folders ------------------------------------------------------------ */

static void a_transaction_is_all_or_nothing(void **state)
{
    struct rig *rig = *state;
    struct otter_product got;
    STORE_OK(rig->backend->begin(rig->store), &rig->store->reason);
    int64_t gone = rig_product(rig, "garden");
    STORE_OK(otter_store_get(rig->store, gone, &got), &rig->store->reason);
    rig->backend->rollback(rig->store);
    assert_int_equal(otter_store_get(rig->store, gone, &got), OTTER_STORE_ABSENT);
    rig->backend->rollback(rig->store);
    STORE_OK(rig->backend->begin(rig->store), &rig->store->reason);
    int64_t kept = rig_product(rig, "garden");
    STORE_OK(rig->backend->commit(rig->store), &rig->store->reason);
    STORE_OK(rig->backend->begin(rig->store), &rig->store->reason);
    rig_product(rig, "lamp");
    rig_reopen(rig);
    STORE_OK(otter_store_get(rig->store, kept, &got), &rig->store->reason);
    assert_int_equal(find(rig, OTTER_TABLE_PRODUCT, "name", 0, "lamp", &got), OTTER_STORE_ABSENT);
}

static void another_session_sees_what_was_committed(void **state)
{
    struct rig *rig = *state;
    struct otter_store *other;
    struct otter_product got;
    STORE_OK(rig->backend->session(&other, rig->store), &rig->store->reason);
    STORE_OK(rig->backend->begin(rig->store), &rig->store->reason);
    int64_t product = rig_product(rig, "garden");
    assert_int_equal(otter_store_get(other, product, &got), OTTER_STORE_ABSENT);
    STORE_OK(rig->backend->commit(rig->store), &rig->store->reason);
    STORE_OK(otter_store_get(other, product, &got), &other->reason);
    struct otter_channel channel = {.product = product, .name = "beta"};
    STORE_OK(backend_under_test->put(other, OTTER_TABLE_CHANNEL, &channel), &other->reason);
    STORE_OK(otter_store_get(rig->store, channel.id, &channel), &rig->store->reason);
    rig->backend->close(other);
}

static void one_server_has_a_folder(void **state)
{
    struct rig *rig = *state;
    struct otter_store *other;
    char pid[16];
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    assert_int_equal(rig->backend->open(&other, rig->scene.folder, &rig->reason), OTTER_STORE_LOCKED);
    assert_non_null(strstr(rig->reason.text, rig->scene.folder));
    assert_non_null(strstr(rig->reason.text, pid));
    rig_reopen(rig);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    struct rig *rig = *state;
    struct otter_store *other;
    assert_int_equal(rig->backend->open(&other, "/nowhere/at/all", &rig->reason), OTTER_STORE_ABSENT);
    assert_non_null(strstr(rig->reason.text, "/nowhere/at/all"));
}

static void a_new_store_is_sound_and_has_a_version(void **state)
{
    struct rig *rig = *state;
    assert_true(rig->backend->schema(rig->store) >= 1);
    STORE_OK(rig->backend->check(rig->store), &rig->store->reason);
}

static void a_backup_is_what_was_there(void **state)
{
    struct rig *rig = *state;
    struct scene elsewhere;
    struct otter_store *restored;
    struct otter_product got;
    char path[PATH_MAX];
    scene_open(&elsewhere);
    int64_t product = rig_product(rig, "garden");
    STORE_OK(rig->backend->begin(rig->store), &rig->store->reason);
    int64_t later = rig_product(rig, "lamp");
    scene_path(&rig->scene, path, "copy");
    STORE_OK(rig->backend->backup(rig->scene.folder, path, &rig->reason), &rig->reason);
    STORE_OK(rig->backend->commit(rig->store), &rig->store->reason);
    assert_int_equal(rig->backend->backup(rig->scene.folder, path, &rig->reason), OTTER_STORE_CONFLICT);
    STORE_OK(rig->backend->restore(path, elsewhere.folder, &rig->reason), &rig->reason);
    STORE_OK(rig->backend->open(&restored, elsewhere.folder, &rig->reason), &rig->reason);
    STORE_OK(otter_store_get(restored, product, &got), &restored->reason);
    assert_int_equal(otter_store_get(restored, later, &got), OTTER_STORE_ABSENT);
    STORE_OK(rig->backend->check(restored), &restored->reason);
    rig->backend->close(restored);
    assert_int_equal(rig->backend->restore(path, elsewhere.folder, &rig->reason), OTTER_STORE_CONFLICT);
    assert_int_equal(rig->backend->restore(path, rig->scene.folder, &rig->reason), OTTER_STORE_LOCKED);
    scene_close(&elsewhere);
}

static void only_a_backup_is_restored(void **state)
{
    struct rig *rig = *state;
    struct scene elsewhere;
    char path[PATH_MAX];
    scene_open(&elsewhere);
    assert_int_equal(rig->backend->restore("/nowhere", elsewhere.folder, &rig->reason), OTTER_STORE_ABSENT);
    scene_file(&rig->scene, path, "text", "no database at all, but long enough to be taken for one", 55);
    assert_int_equal(rig->backend->restore(path, elsewhere.folder, &rig->reason), OTTER_STORE_CORRUPT);
    scene_file(&rig->scene, path, "empty", "", 0);
    assert_int_equal(rig->backend->restore(path, elsewhere.folder, &rig->reason), OTTER_STORE_CORRUPT);
    scene_close(&elsewhere);
}

#define CONFORMANCE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int store_conformance(const struct otter_store_backend *backend)
{
    const struct CMUnitTest tests[] = {
        CONFORMANCE(every_field_of_every_record_comes_back),
        CONFORMANCE(a_record_is_replaced_by_its_key),
        CONFORMANCE(ids_are_not_used_again),
        CONFORMANCE(what_is_not_there_is_absent),
        CONFORMANCE(a_device_needs_its_address),
        CONFORMANCE(names_are_unique),
        CONFORMANCE(what_is_referred_to_stays),
        CONFORMANCE(a_product_and_its_channel_may_name_each_other),
        CONFORMANCE(records_are_found_by_digest),
        CONFORMANCE(pages_hold_what_meets_their_conditions),
        CONFORMANCE(a_removed_device_has_no_tags),
        CONFORMANCE(whoever_looks_may_stop),
        CONFORMANCE(other_fields_are_no_conditions),
        CONFORMANCE(the_oldest_events_expire),
        CONFORMANCE(a_transaction_is_all_or_nothing),
        CONFORMANCE(another_session_sees_what_was_committed),
        CONFORMANCE(one_server_has_a_folder),
        CONFORMANCE(a_folder_that_is_not_there_is_named),
        CONFORMANCE(a_new_store_is_sound_and_has_a_version),
        CONFORMANCE(a_backup_is_what_was_there),
        CONFORMANCE(only_a_backup_is_restored),
    };
    backend_under_test = backend;
    return cmocka_run_group_tests_name("store_conformance", tests, NULL, NULL);
}
