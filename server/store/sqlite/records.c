/* Records as rows: every statement is made from the record's shape. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/text.h"
#include "server/store/sqlite/session.h"

#define SQL_SIZE     4096
#define RECORD_WORDS 512 /* of 8 bytes: the largest record */

/* --- statements --------------------------------------------------------------------------------- */

static void add_quoted(struct otter_text *sql, const char *prefix, const char *name)
{
    otter_text_add(sql, prefix);
    otter_text_add(sql, "\"");
    otter_text_add(sql, name);
    otter_text_add(sql, "\"");
}

static void add_columns(struct otter_text *sql, const struct otter_shape *shape)
{
    for (size_t i = 0; i < shape->count; i++)
        add_quoted(sql, i > 0 ? ", " : "", shape->fields[i].name);
}

static void write_put(struct otter_text *sql, const struct otter_shape *shape)
{
    add_quoted(sql, "INSERT INTO ", shape->name);
    otter_text_add(sql, " (");
    add_columns(sql, shape);
    otter_text_add(sql, ") VALUES (?");
    for (size_t i = 1; i < shape->count; i++)
        otter_text_add(sql, ", ?");
    add_quoted(sql, ") ON CONFLICT (", shape->fields[0].name);
    otter_text_add(sql, ") DO UPDATE SET ");
    for (size_t i = 1; i < shape->count; i++) {
        add_quoted(sql, i > 1 ? ", " : "", shape->fields[i].name);
        add_quoted(sql, " = excluded.", shape->fields[i].name);
    }
}

/* A record whose indexed fields stay as they are: SQLite would write every index anew. */
static void write_touch(struct otter_text *sql, const struct otter_shape *shape)
{
    const char *separator = " SET ";
    add_quoted(sql, "UPDATE ", shape->name);
    for (size_t i = 1; i < shape->count; i++) {
        if (shape->fields[i].matches)
            continue;
        add_quoted(sql, separator, shape->fields[i].name);
        otter_text_add(sql, " = ?");
        otter_text_add_decimal(sql, (uint32_t)i + 1);
        separator = ", ";
    }
    add_quoted(sql, " WHERE ", shape->fields[0].name);
    otter_text_add(sql, " = ?1");
    for (size_t i = 1; i < shape->count; i++) {
        if (!shape->fields[i].matches)
            continue;
        add_quoted(sql, " AND +", shape->fields[i].name);
        otter_text_add(sql, " IS ?");
        otter_text_add_decimal(sql, (uint32_t)i + 1);
    }
}

static void write_get(struct otter_text *sql, const struct otter_shape *shape)
{
    otter_text_add(sql, "SELECT ");
    add_columns(sql, shape);
    add_quoted(sql, " FROM ", shape->name);
    add_quoted(sql, " WHERE ", shape->fields[0].name);
    otter_text_add(sql, " = ?");
}

static void write_remove(struct otter_text *sql, const struct otter_shape *shape)
{
    add_quoted(sql, "DELETE FROM ", shape->name);
    add_quoted(sql, " WHERE ", shape->fields[0].name);
    otter_text_add(sql, " = ?");
}

/* The statement for TABLE, prepared once. */
static int statement_of(struct session *session, enum otter_table table, enum session_statement which,
                        sqlite3_stmt **statement)
{
    static void (*const write[STATEMENTS])(struct otter_text * sql, const struct otter_shape *shape) = {
        [STATEMENT_PUT] = write_put,
        [STATEMENT_TOUCH] = write_touch,
        [STATEMENT_GET] = write_get,
        [STATEMENT_REMOVE] = write_remove,
    };
    *statement = session->statements[table][which];
    if (*statement != NULL)
        return OTTER_STORE_OK;
    char text[SQL_SIZE];
    struct otter_text sql;
    otter_text_init(&sql, text, sizeof(text));
    write[which](&sql, otter_shape(table));
    int code = sqlite3_prepare_v3(session->database, text, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    if (code != SQLITE_OK)
        return session_failed(session, code, "preparing a statement");
    session->statements[table][which] = *statement;
    return OTTER_STORE_OK;
}

/* --- fields ------------------------------------------------------------------------------------- */

static int bind_numbers(sqlite3_stmt *statement, int at, const uint32_t *numbers, size_t count)
{
    char text[128];
    struct otter_text list;
    otter_text_init(&list, text, sizeof(text));
    for (size_t i = 0; i < count && numbers[i] != 0; i++) {
        otter_text_add(&list, i > 0 ? " " : "");
        otter_text_add_decimal(&list, numbers[i]);
    }
    return sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

static int bind_field(sqlite3_stmt *statement, int at, const struct otter_field *field, const void *record)
{
    const char *from = (const char *)record + field->offset;
    int64_t wide = 0;
    uint32_t word = 0;
    int32_t number = 0;
    if (field->size == sizeof(wide))
        memcpy(&wide, from, sizeof(wide));
    if (field->size == sizeof(word)) {
        memcpy(&word, from, sizeof(word));
        memcpy(&number, from, sizeof(number));
    }
    switch (field->type) {
    case OTTER_FIELD_REFERENCE:
        return wide == 0 ? sqlite3_bind_null(statement, at) : sqlite3_bind_int64(statement, at, wide);
    case OTTER_FIELD_UINT32:
        return sqlite3_bind_int64(statement, at, word);
    case OTTER_FIELD_INT32:
        return sqlite3_bind_int64(statement, at, number);
    case OTTER_FIELD_BOOL:
        return sqlite3_bind_int64(statement, at, *(const bool *)from);
    case OTTER_FIELD_TEXT:
        return sqlite3_bind_text(statement, at, from, (int)strnlen(from, field->size), SQLITE_STATIC);
    case OTTER_FIELD_BYTES:
        return sqlite3_bind_blob(statement, at, from, (int)field->size, SQLITE_STATIC);
    case OTTER_FIELD_NUMBERS:
        return bind_numbers(statement, at, (const uint32_t *)(const void *)from, field->size / 4);
    default:
        return sqlite3_bind_int64(statement, at, wide);
    }
}

static void read_numbers(uint32_t *numbers, size_t count, const char *text)
{
    char *end;
    for (size_t i = 0; i < count && *text != '\0'; i++, text = end)
        numbers[i] = (uint32_t)strtoul(text, &end, 10);
}

/* The record is all zero before. */
static void read_field(sqlite3_stmt *statement, int at, const struct otter_field *field, void *record)
{
    char *to = (char *)record + field->offset;
    int64_t wide = sqlite3_column_int64(statement, at);
    uint32_t word = (uint32_t)wide;
    const void *bytes = sqlite3_column_blob(statement, at);
    size_t length = (size_t)sqlite3_column_bytes(statement, at);
    switch (field->type) {
    case OTTER_FIELD_UINT32:
    case OTTER_FIELD_INT32:
        memcpy(to, &word, sizeof(word));
        return;
    case OTTER_FIELD_BOOL:
        *(bool *)to = wide != 0;
        return;
    case OTTER_FIELD_TEXT:
        if (length > 0)
            memcpy(to, bytes, length < field->size ? length : field->size - 1);
        return;
    case OTTER_FIELD_BYTES:
        if (length > 0)
            memcpy(to, bytes, length < field->size ? length : field->size);
        return;
    case OTTER_FIELD_NUMBERS:
        read_numbers((uint32_t *)(void *)to, field->size / 4,
                     (const char *)sqlite3_column_text(statement, at));
        return;
    default:
        memcpy(to, &wide, sizeof(wide));
    }
}

static void read_record(sqlite3_stmt *statement, const struct otter_shape *shape, void *record)
{
    memset(record, 0, shape->size);
    for (size_t i = 0; i < shape->count; i++)
        read_field(statement, (int)i, &shape->fields[i], record);
}

/* --- one record --------------------------------------------------------------------------------- */

static int bind_record(sqlite3_stmt *statement, const struct otter_shape *shape, const void *record)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < shape->count && code == SQLITE_OK; i++)
        code = bind_field(statement, (int)i + 1, &shape->fields[i], record);
    if (code == SQLITE_OK && otter_shape_key(shape, record) == 0)
        code = sqlite3_bind_null(statement, 1);
    return code;
}

/* Runs WHICH with all of the record's fields: OTTER_STORE_OK, or an error. */
static int run_with(struct session *session, enum otter_table table, enum session_statement which,
                    const void *record)
{
    const struct otter_shape *shape = otter_shape(table);
    sqlite3_stmt *statement;
    int status = statement_of(session, table, which, &statement);
    if (status != OTTER_STORE_OK)
        return status;
    int code = bind_record(statement, shape, record);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code != SQLITE_DONE)
        status = session_failed(session, code, shape->name);
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    return status;
}

int session_put(struct otter_store *store, enum otter_table table, void *record)
{
    struct session *session = (struct session *)store;
    const struct otter_shape *shape = otter_shape(table);
    int64_t key = otter_shape_key(shape, record);
    int status = OTTER_STORE_OK;
    if (key < 0 || (key == 0 && table == OTTER_TABLE_DEVICE)) {
        otter_reason_set(&store->reason, "a %s with the key %lld", shape->name, (long long)key);
        return OTTER_STORE_ARGUMENT;
    }
    if (key != 0) {
        status = run_with(session, table, STATEMENT_TOUCH, record);
        if (status != OTTER_STORE_OK || sqlite3_changes(session->database) == 1)
            return status;
    }
    status = run_with(session, table, STATEMENT_PUT, record);
    if (status == OTTER_STORE_OK && key == 0) {
        key = sqlite3_last_insert_rowid(session->database);
        memcpy((char *)record + shape->fields[0].offset, &key, sizeof(key));
    }
    return status;
}

static int absent(struct otter_store *store, const struct otter_shape *shape, int64_t key)
{
    otter_reason_set(&store->reason, "there is no %s %lld", shape->name, (long long)key);
    return OTTER_STORE_ABSENT;
}

int session_get(struct otter_store *store, enum otter_table table, int64_t key, void *record)
{
    struct session *session = (struct session *)store;
    const struct otter_shape *shape = otter_shape(table);
    sqlite3_stmt *statement;
    int status = statement_of(session, table, STATEMENT_GET, &statement);
    if (status != OTTER_STORE_OK)
        return status;
    (void)sqlite3_bind_int64(statement, 1, key);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        read_record(statement, shape, record);
    else if (code == SQLITE_DONE)
        status = absent(store, shape, key);
    else
        status = session_failed(session, code, shape->name);
    (void)sqlite3_reset(statement);
    return status;
}

int session_remove(struct otter_store *store, enum otter_table table, int64_t key)
{
    struct session *session = (struct session *)store;
    const struct otter_shape *shape = otter_shape(table);
    sqlite3_stmt *statement;
    int status = statement_of(session, table, STATEMENT_REMOVE, &statement);
    if (status != OTTER_STORE_OK)
        return status;
    (void)sqlite3_bind_int64(statement, 1, key);
    int code = sqlite3_step(statement);
    if (code != SQLITE_DONE)
        status = session_failed(session, code, shape->name);
    else if (sqlite3_changes(session->database) == 0)
        status = absent(store, shape, key);
    (void)sqlite3_reset(statement);
    return status;
}

/* --- pages -------------------------------------------------------------------------------------- */

static bool is_tag(enum otter_table table, const struct otter_store_match *match)
{
    return table == OTTER_TABLE_DEVICE && strcmp(match->field, "tags") == 0;
}

/* A '+' keeps SQLite from another index than that of the first condition. What is said twice lets it use
 * indexes of texts that are not empty, and of references that are not NULL. */
static void write_condition(struct otter_text *sql, enum otter_table table,
                            const struct otter_store_match *match, bool first)
{
    if (is_tag(table, match)) {
        otter_text_add(
            sql, first ? "g.tag = ?"
                       : " AND EXISTS (SELECT 1 FROM device_tag AS t WHERE t.tag = ? AND t.mac = r.mac)");
        return;
    }
    add_quoted(sql, first ? "r." : " AND +r.", match->field);
    otter_text_add(sql, match->text == NULL && match->number == 0 ? " IS ?" : " = ?");
    if (first && match->text != NULL && match->text[0] != '\0') {
        add_quoted(sql, " AND r.", match->field);
        otter_text_add(sql, " <> ''");
    }
}

static size_t count_matches(const struct otter_store_page *page)
{
    size_t count = 0;
    while (count < OTTER_STORE_MATCHES_MAX && page->matches[count].field != NULL)
        count++;
    return count;
}

static void write_list(struct otter_text *sql, enum otter_table table, const struct otter_store_page *page)
{
    const struct otter_shape *shape = otter_shape(table);
    size_t count = count_matches(page);
    bool by_tag = count > 0 && is_tag(table, &page->matches[0]);
    const char *from = by_tag ? "g." : "r.";
    for (size_t i = 0; i < shape->count; i++)
        add_quoted(sql, i > 0 ? ", r." : "SELECT r.", shape->fields[i].name);
    add_quoted(sql, by_tag ? " FROM device_tag AS g CROSS JOIN " : " FROM ", shape->name);
    otter_text_add(sql, by_tag ? " AS r ON r.mac = g.mac WHERE " : " AS r WHERE ");
    for (size_t i = 0; i < count; i++)
        write_condition(sql, table, &page->matches[i], i == 0);
    otter_text_add(sql, count > 0 ? " AND " : "");
    add_quoted(sql, from, shape->fields[0].name);
    otter_text_add(sql, page->descending ? " < ? ORDER BY " : " > ? ORDER BY ");
    add_quoted(sql, from, shape->fields[0].name);
    otter_text_add(sql, page->descending ? " DESC LIMIT ?" : " LIMIT ?");
}

static int bind_match(sqlite3_stmt *statement, int at, const struct otter_field *field,
                      const struct otter_store_match *match)
{
    if (match->text != NULL && field->type == OTTER_FIELD_BYTES)
        return sqlite3_bind_blob(statement, at, match->text, (int)field->size, SQLITE_STATIC);
    if (match->text != NULL)
        return sqlite3_bind_text(statement, at, match->text, -1, SQLITE_STATIC);
    if (field->type == OTTER_FIELD_REFERENCE && match->number == 0)
        return sqlite3_bind_null(statement, at);
    return sqlite3_bind_int64(statement, at, match->number);
}

static int bind_page(sqlite3_stmt *statement, const struct otter_shape *shape,
                     const struct otter_store_page *page)
{
    size_t count = count_matches(page);
    int at = 1, code = SQLITE_OK;
    int64_t after = page->descending && page->after == 0 ? INT64_MAX : page->after;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code =
            bind_match(statement, at++, otter_shape_field(shape, page->matches[i].field), &page->matches[i]);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, at++, after);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, at, page->limit > 0 ? (int64_t)page->limit : -1);
    return code;
}

static bool page_is_sound(struct otter_store *store, const struct otter_shape *shape,
                          const struct otter_store_page *page)
{
    for (size_t i = 0; i < count_matches(page); i++) {
        const struct otter_field *field = otter_shape_field(shape, page->matches[i].field);
        if (field == NULL || !field->matches) {
            otter_reason_set(&store->reason, "records of %s can't be listed by %s", shape->name,
                             page->matches[i].field);
            return false;
        }
    }
    return true;
}

int session_list(struct otter_store *store, enum otter_table table, const struct otter_store_page *page,
                 otter_store_visit *visit, void *context)
{
    struct session *session = (struct session *)store;
    const struct otter_shape *shape = otter_shape(table);
    uint64_t record[RECORD_WORDS];
    char text[SQL_SIZE];
    struct otter_text sql;
    sqlite3_stmt *statement;
    int shown = 0;
    if (!page_is_sound(store, shape, page))
        return OTTER_STORE_ARGUMENT;
    otter_text_init(&sql, text, sizeof(text));
    write_list(&sql, table, page);
    int code = sqlite3_prepare_v2(session->database, text, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = bind_page(statement, shape, page);
    bool more = code == SQLITE_OK;
    while (more && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        read_record(statement, shape, record);
        shown++;
        more = visit(context, record);
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        shown = session_failed(session, code, shape->name);
    sqlite3_finalize(statement);
    return shown;
}

int session_expire(struct otter_store *store, enum otter_table table, int64_t at, uint32_t limit)
{
    struct session *session = (struct session *)store;
    char sql[256];
    sqlite3_stmt *statement;
    if (table != OTTER_TABLE_EVENT && table != OTTER_TABLE_AUDIT) {
        otter_reason_set(&store->reason, "records of %s do not expire", otter_shape(table)->name);
        return OTTER_STORE_ARGUMENT;
    }
    /* Ids rise with time: the oldest come first, and the rest is not looked at. */
    snprintf(sql, sizeof(sql),
             "DELETE FROM \"%s\" WHERE at < ?1 AND id IN (SELECT id FROM \"%s\" ORDER BY id LIMIT ?2)",
             otter_shape(table)->name, otter_shape(table)->name);
    int code = sqlite3_prepare_v2(session->database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        (void)sqlite3_bind_int64(statement, 1, at);
        (void)sqlite3_bind_int64(statement, 2, limit);
        code = sqlite3_step(statement);
    }
    int removed = code == SQLITE_DONE ? sqlite3_changes(session->database)
                                      : session_failed(session, code, "removing old records");
    sqlite3_finalize(statement);
    return removed;
}
