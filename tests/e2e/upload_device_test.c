/* `otter upload` to virtual devices with their own update page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help upload` documents them. */
enum { UPDATED = 0, PASSWORD = 5, REFUSED = 6, BROKEN = 8, REJECTED = 9 };

#define FILESYSTEM_START 0x300000 /* of 4m1m */
#define OPTIONS_MAX      16

static void start(struct scene *scene, struct virtual_device *device, const char *image,
                  const char *const options[])
{
    const char *all[OPTIONS_MAX + 3] = {"--image", image};
    for (size_t i = 2; *options; options++, i++) {
        REQUIRE(i < OPTIONS_MAX, "too many options");
        all[i] = *options;
    }
    virtual_device_start_at(device, scene, "device", "127.0.0.1", all);
}

/* With garden 1.0.0 in flash, or another image of this build. */
static void start_garden(struct scene *scene, struct virtual_device *device, const char *const options[])
{
    char image[PATH_MAX];
    start(scene, device, push_garden_path(image, "garden-1.bin"), options);
}
#define START(scene, device, ...) start_garden(scene, device, PROCESS_STRINGS(__VA_ARGS__))

/* Starts `otter upload OPTIONS URL FILE`, and expects that it ends with STATUS and says each of TEXTS. */
static void upload(struct scene *scene, struct virtual_device *device, const char *file,
                   const char *const options[], int status, const char *const texts[])
{
    const char *argv[OPTIONS_MAX + 5] = {OTTER_PROGRAM, "upload"};
    char url[64];
    size_t count = 2;
    for (; *options; options++)
        argv[count++] = *options;
    virtual_device_ask(device);
    snprintf(url, sizeof(url), "127.0.0.1:%u", (unsigned)virtual_device_number(device, "web_port"));
    argv[count++] = url;
    argv[count] = file;
    REQUIRE(process_ends(scene_start_arguments(scene, argv), status, PUSH_WAIT_MS, texts),
            "the device said:\n%s", device->process->text);
}
#define OPTIONS PROCESS_STRINGS
#define TEXTS   PROCESS_STRINGS

static void expect_in_flash(struct virtual_device *device, const char *path, uint32_t address)
{
    struct file file = file_read(path);
    push_expect_flash(device, address, file.bytes, file.size, address == 0);
    free(file.bytes);
}

static void brings_a_new_sketch(void **state)
{
    struct virtual_device device;
    char file[PATH_MAX];
    START(*state, &device, NULL);
    upload(*state, &device, push_garden_path(file, "garden-2.bin"), OPTIONS(NULL), UPDATED,
           TEXTS("garden 1.0.0", "garden 2.0.0, back after", NULL));
    assert_string_equal(push_running(&device).version, "2.0.0");
    expect_in_flash(&device, file, 0);
    upload(*state, &device, file, OPTIONS(NULL), UPDATED, TEXTS("it runs garden 2.0.0 as before", NULL));
}

static void brings_it_compressed(void **state)
{
    struct virtual_device device;
    char file[PATH_MAX];
    START(*state, &device, NULL);
    upload(*state, &device, push_garden_path(file, "garden-2.bin"), OPTIONS("--compress", "--json", NULL),
           UPDATED, TEXTS("\"updated\":true", "\"after\":{\"name\":\"garden\",\"version\":\"2.0.0\"", NULL));
    expect_in_flash(&device, file, 0);
}

static void brings_a_filesystem(void **state)
{
    struct virtual_device device;
    char file[PATH_MAX];
    START(*state, &device, NULL);
    upload(*state, &device, push_garden_path(file, "garden-2.bin"), OPTIONS("--filesystem", NULL), UPDATED,
           TEXTS("it runs garden 1.0.0, back after", NULL));
    expect_in_flash(&device, file, FILESYSTEM_START);
}

static void asks_for_what_it_needs(struct scene *scene, const char *scheme)
{
    struct virtual_device device;
    char file[PATH_MAX];
    START(scene, &device, "--web-user", "me", "--web-password", "secret", scheme, NULL);
    uint64_t operations = virtual_device_flash_operations(&device);
    push_garden_path(file, "garden-2.bin");
    upload(scene, &device, file, OPTIONS(NULL), PASSWORD, TEXTS("wants a user name and a password", NULL));
    upload(scene, &device, file, OPTIONS("--password", "secret", NULL), PASSWORD,
           TEXTS("refused the user name or the password", NULL));
    upload(scene, &device, file, OPTIONS("--user", "me", "--password", "Secret", NULL), PASSWORD,
           TEXTS(NULL));
    assert_int_equal(virtual_device_flash_operations(&device), operations);
    upload(scene, &device, file, OPTIONS("--user", "me", "--password", "secret", NULL), UPDATED, TEXTS(NULL));
    expect_in_flash(&device, file, 0);
}

static void gives_a_password_by_basic(void **state)
{
    asks_for_what_it_needs(*state, NULL);
}

static void gives_a_password_by_digest(void **state)
{
    asks_for_what_it_needs(*state, "--web-digest");
}

static void does_not_send_what_cannot_fit(void **state)
{
    struct virtual_device device;
    char file[PATH_MAX], path[PATH_MAX];
    START(*state, &device, NULL);
    uint64_t operations = virtual_device_flash_operations(&device);
    uint8_t *large = calloc(1, 2 << 20);
    assert_non_null(large);
    scene_file(*state, path, "large.bin", large, 2 << 20);
    free(large);
    upload(*state, &device, path, OPTIONS("--filesystem", NULL), REFUSED, TEXTS("at most 1024000", NULL));
    upload(*state, &device, push_garden_path(file, "garden-2.bin"), OPTIONS("--filesystem", "--quiet", NULL),
           UPDATED, TEXTS(NULL));
    assert_true(virtual_device_flash_operations(&device) > operations);
}

static void explains_what_the_device_rejects(void **state)
{
    struct virtual_device device;
    char file[PATH_MAX], path[PATH_MAX];
    START(*state, &device, NULL);
    struct file image = file_read(push_garden_path(file, "garden-2.bin"));
    image.bytes[image.size - 100] ^= 0xFF;
    scene_file(*state, path, "damaged.bin", image.bytes, image.size);
    free(image.bytes);
    upload(*state, &device, path, OPTIONS("--force", NULL), REJECTED,
           TEXTS("ERROR[18]: Image checksum is wrong", "The image is damaged", NULL));
    assert_string_equal(push_running(&device).version, "1.0.0");
}

static void survives_a_power_cut(void **state)
{
    struct virtual_device device;
    char file[PATH_MAX], answer[128];
    START(*state, &device, NULL);
    virtual_device_command(&device, "cut-at 40 torn-random", answer, sizeof(answer));
    upload(*state, &device, push_garden_path(file, "garden-2.bin"), OPTIONS(NULL), BROKEN,
           TEXTS("failed:", NULL));
    virtual_device_wait_restart(&device);
    assert_string_equal(push_running(&device).version, "1.0.0");
    upload(*state, &device, file, OPTIONS(NULL), UPDATED, TEXTS("garden 2.0.0, back after", NULL));
}

static void says_that_firmware_is_on_trial(void **state)
{
    struct virtual_device device;
    char file[PATH_MAX];
    START(*state, &device, "--no-confirm", NULL);
    upload(*state, &device, push_garden_path(file, "garden-2.bin"), OPTIONS(NULL), UPDATED,
           TEXTS("garden 2.0.0, back after", "on trial: unless it confirms itself", NULL));
}

static void brings_real_firmware(void **state)
{
    struct virtual_device device;
    char running[PATH_MAX], sent[PATH_MAX];
    if (!push_firmware_path(running, "tasmota-8.1.0.1.bin") ||
        !push_firmware_path(sent, "tasmota-8.1.0.2.bin")) {
        print_message("skipped: no %s\n", running);
        skip();
    }
    start(*state, &device, running, OPTIONS("--layout", "1m64", NULL));
    upload(*state, &device, sent, OPTIONS(NULL), UPDATED, TEXTS(NULL));
    expect_in_flash(&device, sent, 0);
    upload(*state, &device, running, OPTIONS("--compress", NULL), UPDATED, TEXTS(NULL));
    expect_in_flash(&device, running, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(brings_a_new_sketch),
        TEST(brings_it_compressed),
        TEST(brings_a_filesystem),
        TEST(gives_a_password_by_basic),
        TEST(gives_a_password_by_digest),
        TEST(does_not_send_what_cannot_fit),
        TEST(explains_what_the_device_rejects),
        TEST(survives_a_power_cut),
        TEST(says_that_firmware_is_on_trial),
        TEST(brings_real_firmware),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
