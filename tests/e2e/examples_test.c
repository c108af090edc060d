/* examples/posix: each way in brings garden 2 to a board that runs garden 1, and its bootloader installs it.
 */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/file.h"
#include "tests/support/scene.h"

enum { WAIT_MS = 20000, FAILED = 1, USAGE = 2 };

struct example {
    struct scene scene;
    struct file new; /* garden 2 */
    char new_path[PATH_MAX];
    char flash[PATH_MAX];
};

static int open_example(void **state)
{
    struct example *example = calloc(1, sizeof(*example));
    struct file old = file_read(OTTER_IMAGES_DIR "/garden-1.bin");
    uint8_t *flash = malloc(4u << 20);
    assert_non_null(example);
    assert_non_null(flash);
    *state = example;
    scene_open(&example->scene);
    example->new = file_read(OTTER_IMAGES_DIR "/garden-2.bin");
    scene_file(&example->scene, example->new_path, "new.bin", example->new.bytes, example->new.size);
    memset(flash, 0xFF, 4u << 20);
    memcpy(flash, old.bytes, old.size);
    scene_file(&example->scene, example->flash, "flash", flash, 4u << 20);
    free(flash);
    free(old.bytes);
    return 0;
}

static int close_example(void **state)
{
    struct example *example = *state;
    scene_close(&example->scene);
    free(example->new.bytes);
    free(example);
    return 0;
}

static void expect_installed(const struct example *example)
{
    struct file flash = file_read(example->flash);
    assert_memory_equal(flash.bytes, example->new.bytes, example->new.size);
    free(flash.bytes);
}

static void a_file(void **state)
{
    struct example *example = *state;
    struct process *process =
        scene_start(&example->scene, OTTER_EXAMPLES_DIR "/file", example->flash, example->new_path, NULL);
    assert_true(process_ends(process, 0, WAIT_MS, PROCESS_STRINGS("new firmware in place", NULL)));
    expect_installed(example);
}

static void a_file_that_is_none(void **state)
{
    struct example *example = *state;
    struct process *process =
        scene_start(&example->scene, OTTER_EXAMPLES_DIR "/file", example->flash, "/bin/sh", NULL);
    assert_true(process_ends(process, FAILED, WAIT_MS, PROCESS_STRINGS("no update: ERROR[10]", NULL)));
    process = scene_start(&example->scene, OTTER_EXAMPLES_DIR "/file", example->flash, NULL);
    assert_true(process_ends(process, USAGE, WAIT_MS, PROCESS_STRINGS("usage: ", NULL)));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_example, close_example)
    const struct CMUnitTest tests[] = {
        TEST(a_file),
        TEST(a_file_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
