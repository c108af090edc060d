#include "tests/support/test.h"

#include "server/store/blobs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format/text.h"
#include "tests/server/rig.h"
#include "tests/support/file.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"

#define SIZE 30000u

struct place {
    struct scene scene;
    struct otter_blobs *blobs;
    struct otter_reason reason;
    uint8_t image[SIZE];
};

static int setup(void **state)
{
    static struct place place;
    memset(&place, 0, sizeof(place));
    scene_open(&place.scene);
    STORE_OK(otter_blobs_open(&place.blobs, place.scene.folder, &place.reason), &place.reason);
    memset(place.image, 'x', SIZE);
    sample_image(place.image, SIZE / 2 / 16 * 16, 1);
    *state = &place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    otter_blobs_close(place->blobs);
    scene_close(&place->scene);
    return 0;
}

/* Uploads the image in portions of STEP bytes. */
static struct otter_blob_id upload(struct place *place, uint32_t step)
{
    struct otter_blob_upload upload;
    struct otter_blob_id id;
    STORE_OK(otter_blob_begin(&upload, place->blobs, &place->reason), &place->reason);
    for (uint32_t at = 0; at < SIZE; at += step)
        STORE_OK(
            otter_blob_write(&upload, place->image + at, SIZE - at < step ? SIZE - at : step, &place->reason),
            &place->reason);
    STORE_OK(otter_blob_end(&upload, &id, &place->reason), &place->reason);
    return id;
}

static void path_of(const struct place *place, const struct otter_blob_id *id, char out[PATH_MAX])
{
    char name[80] = "images/";
    otter_hex_encode(name + 7, id->sha256, sizeof(id->sha256));
    scene_path(&place->scene, out, name);
}

static void what_is_uploaded_is_read(void **state)
{
    struct place *place = *state;
    struct otter_blob_id id = upload(place, 1000), again = upload(place, 1);
    uint8_t *bytes;
    uint32_t size;
    char path[PATH_MAX];
    assert_int_equal(id.size, SIZE);
    assert_memory_equal(id.sha256, again.sha256, sizeof(id.sha256));
    STORE_OK(otter_blob_read(place->blobs, id.sha256, &bytes, &size, &place->reason), &place->reason);
    assert_int_equal(size, SIZE);
    assert_memory_equal(bytes, place->image, SIZE);
    free(bytes);
    path_of(place, &id, path);
    assert_true(file_exists(path));
    STORE_OK(otter_blobs_check(place->blobs, &place->reason), &place->reason);
}

static void the_gzip_is_stored_beside_it(void **state)
{
    struct place *place = *state;
    struct otter_blob_id id = upload(place, SIZE), gzip, again;
    uint8_t *bytes;
    uint32_t size;
    STORE_OK(otter_blob_gzip(place->blobs, id.sha256, &gzip, &place->reason), &place->reason);
    assert_true(gzip.size < SIZE);
    STORE_OK(otter_blob_read(place->blobs, gzip.sha256, &bytes, &size, &place->reason), &place->reason);
    assert_int_equal(size, gzip.size);
    assert_int_equal(bytes[0], 0x1F);
    assert_int_equal(bytes[1], 0x8B);
    free(bytes);
    STORE_OK(otter_blob_gzip(place->blobs, id.sha256, &again, &place->reason), &place->reason);
    assert_memory_equal(gzip.sha256, again.sha256, sizeof(gzip.sha256));
}

static void change(const char *path, off_t at, char byte)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    REQUIRE(file >= 0 && pwrite(file, &byte, 1, at) == 1, "cannot change %s", path);
    close(file);
}

static void damage_is_noticed_before_it_is_sent(void **state)
{
    struct place *place = *state;
    struct otter_blob_id id = upload(place, SIZE);
    int file;
    uint32_t size;
    char path[PATH_MAX];
    path_of(place, &id, path);
    STORE_OK(otter_blob_open(place->blobs, id.sha256, &file, &size, &place->reason), &place->reason);
    close(file);
    change(path, SIZE - 1, '!');
    assert_int_equal(otter_blob_open(place->blobs, id.sha256, &file, &size, &place->reason),
                     OTTER_STORE_CORRUPT);
    assert_non_null(strstr(place->reason.text, path));
    assert_int_equal(otter_blobs_check(place->blobs, &place->reason), OTTER_STORE_CORRUPT);
    REQUIRE(truncate(path, SIZE - 1) == 0, "truncate");
    assert_int_equal(otter_blob_open(place->blobs, id.sha256, &file, &size, &place->reason),
                     OTTER_STORE_CORRUPT);
    upload(place, SIZE); /* mends it */
    STORE_OK(otter_blob_open(place->blobs, id.sha256, &file, &size, &place->reason), &place->reason);
    close(file);
}

static void what_is_not_there_is_absent(void **state)
{
    struct place *place = *state;
    struct otter_blob_id id = upload(place, SIZE);
    int file;
    uint32_t size;
    STORE_OK(otter_blob_remove(place->blobs, id.sha256, &place->reason), &place->reason);
    assert_int_equal(otter_blob_open(place->blobs, id.sha256, &file, &size, &place->reason),
                     OTTER_STORE_ABSENT);
    assert_int_equal(otter_blob_remove(place->blobs, id.sha256, &place->reason), OTTER_STORE_ABSENT);
}

static bool part_exists(const struct place *place)
{
    char path[PATH_MAX];
    return file_exists(scene_path(&place->scene, path, "images/0.part"));
}

static void an_upload_that_never_ended_leaves_nothing(void **state)
{
    struct place *place = *state;
    struct otter_blob_upload first, second;
    STORE_OK(otter_blob_begin(&first, place->blobs, &place->reason), &place->reason);
    assert_true(part_exists(place));
    otter_blob_cancel(&first);
    otter_blob_cancel(&first);
    assert_false(part_exists(place));
    otter_blobs_close(place->blobs);
    STORE_OK(otter_blobs_open(&place->blobs, place->scene.folder, &place->reason), &place->reason);
    STORE_OK(otter_blob_begin(&first, place->blobs, &place->reason), &place->reason);
    STORE_OK(otter_blob_begin(&second, place->blobs, &place->reason), &place->reason);
    close(first.file); /* as if the process had ended */
    otter_blob_cancel(&second);
    assert_true(part_exists(place));
    STORE_OK(otter_blobs_tidy(place->blobs, &place->reason), &place->reason);
    assert_false(part_exists(place));
}

static void what_is_too_large_is_refused(void **state)
{
    struct place *place = *state;
    struct otter_blob_upload upload;
    static uint8_t mebibyte[1 << 20];
    STORE_OK(otter_blob_begin(&upload, place->blobs, &place->reason), &place->reason);
    for (int i = 0; i < 16; i++)
        STORE_OK(otter_blob_write(&upload, mebibyte, sizeof(mebibyte), &place->reason), &place->reason);
    assert_int_equal(otter_blob_write(&upload, mebibyte, 1, &place->reason), OTTER_STORE_ARGUMENT);
    assert_false(part_exists(place));
}

static void a_copy_holds_the_same(void **state)
{
    struct place *place = *state;
    struct scene elsewhere;
    struct otter_blobs *copy;
    struct otter_blob_id id = upload(place, SIZE);
    int file;
    uint32_t size;
    char path[PATH_MAX];
    scene_open(&elsewhere);
    STORE_OK(otter_blobs_copy(place->blobs, elsewhere.folder, &place->reason), &place->reason);
    STORE_OK(otter_blobs_open(&copy, elsewhere.folder, &place->reason), &place->reason);
    STORE_OK(otter_blob_open(copy, id.sha256, &file, &size, &place->reason), &place->reason);
    assert_int_equal(size, SIZE);
    close(file);
    otter_blobs_close(copy);
    path_of(place, &id, path);
    change(path, 5, '!');
    assert_int_equal(otter_blobs_copy(place->blobs, elsewhere.folder, &place->reason), OTTER_STORE_CORRUPT);
    scene_close(&elsewhere);
}

static void a_folder_that_cannot_be_is_named(void **state)
{
    struct place *place = *state;
    struct otter_blobs *blobs;
    assert_int_equal(otter_blobs_open(&blobs, "/nowhere/at/all", &place->reason), OTTER_STORE_ABSENT);
    assert_non_null(strstr(place->reason.text, "/nowhere/at/all/images"));
}

#define PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE(what_is_uploaded_is_read),
        PLACE(the_gzip_is_stored_beside_it),
        PLACE(damage_is_noticed_before_it_is_sent),
        PLACE(what_is_not_there_is_absent),
        PLACE(an_upload_that_never_ended_leaves_nothing),
        PLACE(what_is_too_large_is_refused),
        PLACE(a_copy_holds_the_same),
        PLACE(a_folder_that_cannot_be_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
