/* SQLite's own: upgrades, and folders that make trouble. */
#include "tests/support/test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/store/sqlite/session.h"
#include "tests/server/rig.h"
#include "tests/support/file.h"
#include "tests/support/require.h"

static struct otter_reason reason;

static sqlite3 *open_database(const struct scene *scene, char path[PATH_MAX])
{
    sqlite3 *database;
    scene_path(scene, path, OTTER_SQLITE_FILE);
    REQUIRE(sqlite3_open(path, &database) == SQLITE_OK, "open %s", path);
    return database;
}

static void run(sqlite3 *database, const char *sql)
{
    char *message = NULL;
    REQUIRE(sqlite3_exec(database, sql, NULL, NULL, &message) == SQLITE_OK, "%s: %s", sql, message);
}

/* --- upgrades ----------------------------------------------------------------------------------- */

/* What every released schema was, with some records in it: tests/server/schema/N.sql. */
static void every_older_schema_is_upgraded(void **state)
{
    (void)state;
    for (size_t version = 1; version <= session_step_count; version++) {
        struct scene scene;
        struct otter_store *store;
        struct otter_device device;
        char path[PATH_MAX], name[PATH_MAX];
        scene_open(&scene);
        snprintf(name, sizeof(name), "%s/tests/server/schema/%zu.sql", OTTER_SOURCE_DIR, version);
        struct file text = file_read(name);
        text.bytes[text.size] = '\0';
        sqlite3 *database = open_database(&scene, path);
        run(database, (const char *)text.bytes);
        sqlite3_close(database);
        free(text.bytes);
        STORE_OK(otter_sqlite.open(&store, scene.folder, &reason), &reason);
        assert_int_equal(otter_sqlite.schema(store), session_step_count);
        STORE_OK(otter_sqlite.check(store), &store->reason);
        STORE_OK(otter_store_get(store, 27480083772099, &device), &store->reason);
        assert_string_equal(device.tags, "indoor shed");
        assert_string_equal(device.last.version, "1.0");
        STORE_OK(otter_store_find(store, &device, {"tags", 0, "shed"}), &store->reason);
        otter_sqlite.close(store);
        scene_close(&scene);
    }
}

/* The machinery: a step that fails leaves what was there. */
static void a_step_is_taken_whole_or_not(void **state)
{
    (void)state;
    struct scene scene;
    char path[PATH_MAX];
    const char *steps[] = {"CREATE TABLE a (x INTEGER)",
                           "CREATE TABLE b (x INTEGER); INSERT INTO b VALUES (1)",
                           "CREATE TABLE c (x INTEGER); INSERT INTO nowhere VALUES (1)"};
    scene_open(&scene);
    sqlite3 *database = open_database(&scene, path);
    assert_int_equal(session_version(database, &reason), 0);
    STORE_OK(session_migrate(database, steps, 1, &reason), &reason);
    assert_int_equal(session_version(database, &reason), 1);
    STORE_OK(session_migrate(database, steps, 2, &reason), &reason);
    STORE_OK(session_migrate(database, steps, 2, &reason), &reason);
    assert_int_equal(session_version(database, &reason), 2);
    assert_true(session_migrate(database, steps, 3, &reason) < 0);
    assert_non_null(strstr(reason.text, "upgrading the database to version 3"));
    assert_int_equal(session_version(database, &reason), 2);
    steps[2] = "CREATE TABLE c (x INTEGER)";
    STORE_OK(session_migrate(database, steps, 3, &reason), &reason);
    assert_int_equal(session_migrate(database, steps, 1, &reason), OTTER_STORE_TOO_NEW);
    assert_non_null(strstr(reason.text, "version 3, this otterd knows up to 1"));
    sqlite3_close(database);
    scene_close(&scene);
}

/* Statements are made of shapes, tables by hand. */
static void every_field_has_its_column(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, &otter_sqlite);
    sqlite3 *database = ((struct session *)rig.store)->database;
    for (enum otter_table table = 0; table < OTTER_TABLES; table++) {
        const struct otter_shape *shape = otter_shape(table);
        sqlite3_stmt *statement;
        size_t column = 0;
        assert_int_equal(
            sqlite3_prepare_v2(database, "SELECT name FROM pragma_table_info(?)", -1, &statement, NULL),
            SQLITE_OK);
        sqlite3_bind_text(statement, 1, shape->name, -1, SQLITE_STATIC);
        for (; sqlite3_step(statement) == SQLITE_ROW; column++) {
            assert_true(column < shape->count);
            assert_string_equal((const char *)sqlite3_column_text(statement, 0), shape->fields[column].name);
        }
        assert_int_equal(column, shape->count);
        sqlite3_finalize(statement);
    }
    rig_close(&rig);
}

static void look_for_scan(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement;
    char explain[4096 + 32];
    snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", sql);
    REQUIRE(sqlite3_prepare_v2(database, explain, -1, &statement, NULL) == SQLITE_OK, "%s",
            sqlite3_errmsg(database));
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(statement, 3);
        if (strncmp(step, "SCAN", 4) == 0 || strstr(step, "TEMP B-TREE") != NULL)
            fail_msg("%s: %s", step, sql);
    }
    sqlite3_finalize(statement);
}

static int keep_statement(unsigned kind, void *context, void *statement, void *text)
{
    (void)kind;
    (void)text;
    snprintf(context, 4096, "%s", sqlite3_sql(statement));
    return 0;
}

static bool look_away(void *context, const void *record)
{
    (void)context;
    (void)record;
    return true;
}

/* A page costs what it returns: each condition has an index that is used, and nothing is sorted. */
static void every_condition_has_its_index(void **state)
{
    (void)state;
    struct rig rig;
    char sql[4096];
    static const uint8_t digest[OTTER_DIGEST_SHA256] = {1};
    rig_open(&rig, &otter_sqlite);
    sqlite3 *database = ((struct session *)rig.store)->database;
    for (enum otter_table table = 0; table < OTTER_TABLES; table++) {
        const struct otter_shape *shape = otter_shape(table);
        for (size_t i = 0; i < shape->count; i++) {
            const struct otter_field *field = &shape->fields[i];
            bool text = field->type == OTTER_FIELD_TEXT || field->type == OTTER_FIELD_BYTES;
            struct otter_store_page page = {
                .matches = {{field->name, 1, text ? (const char *)digest : NULL}}, .after = 5, .limit = 10};
            if (!field->matches)
                continue;
            sqlite3_trace_v2(database, SQLITE_TRACE_STMT, keep_statement, sql);
            int shown = otter_sqlite.list(rig.store, table, &page, look_away, NULL);
            sqlite3_trace_v2(database, 0, NULL, NULL);
            assert_int_equal(shown, 0);
            look_for_scan(database, sql);
        }
    }
    rig_close(&rig);
}

/* --- folders ------------------------------------------------------------------------------------ */

static void nobody_else_may_read_it(void **state)
{
    (void)state;
    struct rig rig;
    struct stat found;
    char path[PATH_MAX];
    mode_t before = umask(0);
    rig_open(&rig, &otter_sqlite);
    STORE_OK(otter_sqlite.backup(rig.scene.folder, scene_path(&rig.scene, path, "copy"), &reason), &reason);
    umask(before);
    static const char *const names[] = {OTTER_SQLITE_FILE, OTTER_SQLITE_FILE "-wal", OTTER_SQLITE_LOCK,
                                        "copy"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        REQUIRE(stat(scene_path(&rig.scene, path, names[i]), &found) == 0, "no %s", names[i]);
        assert_int_equal(found.st_mode & 077, 0);
    }
    rig_close(&rig);
}

static void another_programs_database_is_left_alone(void **state)
{
    (void)state;
    struct scene scene;
    struct otter_store *store;
    char path[PATH_MAX];
    scene_open(&scene);
    sqlite3 *database = open_database(&scene, path);
    run(database, "CREATE TABLE theirs (x INTEGER)");
    sqlite3_close(database);
    assert_int_equal(otter_sqlite.open(&store, scene.folder, &reason), OTTER_STORE_CORRUPT);
    assert_non_null(strstr(reason.text, "another program"));
    scene_close(&scene);
}

static void damage_is_found(void **state)
{
    (void)state;
    struct rig rig;
    struct otter_store *store;
    char path[PATH_MAX], noise[4096];
    rig_open(&rig, &otter_sqlite);
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof(name), "p%d", i);
        rig_product(&rig, name);
    }
    otter_sqlite.close(rig.store);
    memset(noise, 0x5A, sizeof(noise));
    int file = open(scene_path(&rig.scene, path, OTTER_SQLITE_FILE), O_WRONLY | O_CLOEXEC);
    for (off_t page = 2; page < 60; page++)
        REQUIRE(pwrite(file, noise, 512, page * 4096) == 512, "pwrite");
    close(file);
    int status = otter_sqlite.open(&store, rig.scene.folder, &reason);
    if (status == OTTER_STORE_OK) {
        status = otter_sqlite.check(store);
        reason = store->reason;
        otter_sqlite.close(store);
    }
    assert_int_equal(status, OTTER_STORE_CORRUPT);
    assert_non_null(strstr(reason.text, "backup"));
    scene_close(&rig.scene);
}

/* A small file system of its own, in a mount namespace of this process's child. False: not allowed here. */
static bool mount_small(const char *folder, const char *options)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", folder, "tmpfs", 0, options) == 0;
}

enum { CHILD_GOOD = 0, CHILD_BAD = 1, CHILD_SKIPS = 77 };

/* Runs WORK in a child, which may mount what it likes. */
static void in_child(int (*work)(const char *folder))
{
    struct scene scene;
    int status;
    scene_open(&scene);
    fflush(NULL);
    pid_t child = fork();
    REQUIRE(child >= 0, "fork");
    if (child == 0)
        _exit(work(scene.folder));
    REQUIRE(waitpid(child, &status, 0) == child, "waitpid");
    scene_close(&scene);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CHILD_SKIPS) {
        print_message("mounting is not allowed here\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), CHILD_GOOD);
}

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, reason.text);                \
            return CHILD_BAD;                                                                                \
        }                                                                                                    \
    } while (0)

static int fill_disk(const char *folder)
{
    struct otter_store *store;
    struct otter_audit entry;
    int64_t kept = 0;
    int status;
    if (!mount_small(folder, "size=1m"))
        return CHILD_SKIPS;
    CHECK(otter_sqlite.open(&store, folder, &reason) == OTTER_STORE_OK);
    do {
        entry = (struct otter_audit){.at = 1, .detail = "some words that take room"};
        status = otter_store_put(store, &entry);
        if (status == OTTER_STORE_OK)
            kept++;
    } while (status == OTTER_STORE_OK && kept < 100000);
    reason = store->reason;
    CHECK(status == OTTER_STORE_FULL);
    CHECK(strstr(reason.text, "make room") != NULL);
    otter_sqlite.close(store);
    CHECK(mount(NULL, folder, NULL, MS_REMOUNT, "size=4m") == 0);
    CHECK(otter_sqlite.open(&store, folder, &reason) == OTTER_STORE_OK);
    CHECK(otter_sqlite.check(store) == OTTER_STORE_OK);
    struct otter_store_page all = {.limit = 0};
    CHECK(otter_sqlite.list(store, OTTER_TABLE_AUDIT, &all, look_away, NULL) == kept);
    otter_sqlite.close(store);
    return CHILD_GOOD;
}

static int open_read_only(const char *folder)
{
    struct otter_store *store;
    if (!mount_small(folder, "size=4m"))
        return CHILD_SKIPS;
    CHECK(mount(NULL, folder, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
    CHECK(otter_sqlite.open(&store, folder, &reason) == OTTER_STORE_READ_ONLY);
    CHECK(strstr(reason.text, folder) != NULL);
    CHECK(mount(NULL, folder, NULL, MS_REMOUNT, NULL) == 0);
    CHECK(otter_sqlite.open(&store, folder, &reason) == OTTER_STORE_OK);
    otter_sqlite.close(store);
    return CHILD_GOOD;
}

static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    in_child(fill_disk);
}

static void a_read_only_folder_is_named(void **state)
{
    (void)state;
    in_child(open_read_only);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_older_schema_is_upgraded),
        cmocka_unit_test(a_step_is_taken_whole_or_not),
        cmocka_unit_test(every_field_has_its_column),
        cmocka_unit_test(every_condition_has_its_index),
        cmocka_unit_test(nobody_else_may_read_it),
        cmocka_unit_test(another_programs_database_is_left_alone),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(a_full_disk_loses_nothing),
        cmocka_unit_test(a_read_only_folder_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
