/* The small parts of the otter command: files, gzip, JSON, figures, device names, firewalls, passwords. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/device.h"
#include "host/file.h"
#include "host/firewall.h"
#include "host/gzip.h"
#include "host/json.h"
#include "host/password.h"
#include "host/units.h"
#include "host/visible.h"
#include "tests/support/scene.h"
#include "tests/support/seed.h"
#include "tests/support/test.h"

/* --- files ----------------------------------------------------------------------------------------- */

static void writes_and_reads_a_file(void **state)
{
    char path[PATH_MAX];
    struct otter_file file;
    scene_path(*state, path, "file");
    assert_int_equal(otter_file_write(path, "first", 5), OTTER_EXIT_OK);
    assert_int_equal(otter_file_write(path, "second", 6), OTTER_EXIT_OK);
    assert_int_equal(otter_file_read(&file, path, 6), OTTER_EXIT_OK);
    assert_int_equal(file.size, 6);
    assert_memory_equal(file.bytes, "second", 6);
    otter_file_free(&file);
    assert_int_equal(otter_file_read(&file, path, 5), OTTER_EXIT_FILE);
}

static void leaves_nothing_where_it_cannot_write(void **state)
{
    char path[PATH_MAX], folder[PATH_MAX];
    scene_path(*state, folder, "folder");
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(otter_file_write(folder, "x", 1), OTTER_EXIT_FILE); /* a folder can't be replaced */
    scene_path(*state, path, "missing/file");
    assert_int_equal(otter_file_write(path, "x", 1), OTTER_EXIT_FILE);
    assert_int_equal(rmdir(folder), 0);
    scene_path(*state, folder, ".");
    assert_int_equal(otter_file_write(folder, "x", 1), OTTER_EXIT_FILE);
}

/* --- gzip ------------------------------------------------------------------------------------------ */

static void compresses_and_inflates(void **state)
{
    (void)state;
    uint64_t seed = 7;
    static uint8_t bytes[3 << 20];
    seed_fill(&seed, bytes, sizeof(bytes) / 2);
    struct otter_file compressed, again, inflated;
    size_t used;
    assert_true(otter_gzip_compress(&compressed, bytes, sizeof(bytes)));
    assert_true(otter_gzip_compress(&again, bytes, sizeof(bytes)));
    assert_true(otter_gzip_is(compressed.bytes, compressed.size));
    assert_int_equal(compressed.size, again.size);
    assert_memory_equal(compressed.bytes, again.bytes, again.size);
    assert_true(otter_gzip_inflate(&inflated, compressed.bytes, compressed.size, &used));
    assert_int_equal(used, compressed.size);
    assert_int_equal(inflated.size, sizeof(bytes));
    assert_memory_equal(inflated.bytes, bytes, sizeof(bytes));
    otter_file_free(&compressed);
    otter_file_free(&again);
    otter_file_free(&inflated);
}

static void does_not_inflate_without_bounds(void **state)
{
    (void)state;
    uint8_t *zeros = calloc(1, OTTER_FILE_MAX + 1);
    struct otter_file compressed, inflated;
    size_t used;
    assert_true(otter_gzip_compress(&compressed, zeros, OTTER_FILE_MAX + 1));
    assert_false(otter_gzip_inflate(&inflated, compressed.bytes, compressed.size, &used));
    assert_null(inflated.bytes);
    otter_file_free(&compressed);
    assert_true(otter_gzip_compress(&compressed, zeros, OTTER_FILE_MAX));
    assert_true(otter_gzip_inflate(&inflated, compressed.bytes, compressed.size, &used));
    otter_file_free(&compressed);
    otter_file_free(&inflated);
    free(zeros);
}

/* --- JSON ------------------------------------------------------------------------------------------ */

static void writes_json(void **state)
{
    (void)state;
    char *text;
    size_t size;
    struct otter_json json = {.out = open_memstream(&text, &size)};
    otter_json_open_object(&json, NULL);
    otter_json_string(&json, "a", "q\"b\\n\n\x1B");
    otter_json_number(&json, "b", -1);
    otter_json_open_array(&json, "c");
    otter_json_bool(&json, NULL, true);
    otter_json_open_object(&json, NULL);
    otter_json_close_object(&json);
    otter_json_close_array(&json);
    otter_json_string(&json, "d", "\xC3\xA4\xFF\xE2\x82");
    otter_json_close_object(&json);
    otter_json_end(&json);
    fclose(json.out);
    assert_string_equal(text, "{\"a\":\"q\\\"b\\\\n\\u000a\\u001b\",\"b\":-1,\"c\":[true,{}],"
                              "\"d\":\"\xC3\xA4\\ufffd\\ufffd\\ufffd\"}\n");
    free(text);
}

/* --- text from outside ----------------------------------------------------------------------------- */

static void shows_control_characters_as_question_marks(void **state)
{
    (void)state;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    otter_visible_print(out, "a\x1B[2J\n\x7F\xC2\x9B"
                             "b\xC2\xA0\xC3\x9B\xC2");
    fclose(out);
    assert_string_equal(text, "a?[2J???b\xC2\xA0\xC3\x9B\xC2");
    free(text);
}

/* --- figures --------------------------------------------------------------------------------------- */

static void prints_bytes(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {{0, "0 bytes"},      {1, "1 byte"},         {1023, "1023 bytes"}, {1024, "1 KiB"},
                 {463664, "453 KiB"}, {1048575, "1024 KiB"}, {1048576, "1.0 MiB"}, {16u << 20, "16.0 MiB"}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[OTTER_UNITS_SIZE];
        otter_units_bytes(text, cases[i].bytes);
        assert_string_equal(text, cases[i].text);
    }
}

static void prints_times(void **state)
{
    (void)state;
    static const struct {
        uint64_t ms;
        const char *text;
    } cases[] = {{0, "0.0 s"},      {949, "0.9 s"},        {9949, "9.9 s"},        {9950, "10 s"},
                 {119499, "119 s"}, {119500, "2 min 0 s"}, {200000, "3 min 20 s"}, {3600000, "60 min 0 s"}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[OTTER_UNITS_SIZE];
        otter_units_time(text, cases[i].ms);
        assert_string_equal(text, cases[i].text);
    }
}

/* --- device names ---------------------------------------------------------------------------------- */

static void splits_device_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *host;
        uint16_t port;
    } cases[] = {
        {"kitchen.local", "kitchen.local", 8266},
        {"kitchen.local:1", "kitchen.local", 1},
        {"192.168.1.40:65535", "192.168.1.40", 65535},
        {"::1", "::1", 8266},
        {"fe80::1%wlan0", "fe80::1%wlan0", 8266},
        {"[fe80::1%wlan0]:8267", "fe80::1%wlan0", 8267},
        {"[::1]", "::1", 8266},
    };
    struct otter_device device;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        assert_true(otter_device_parse(&device, cases[i].name, 8266));
        assert_string_equal(device.host, cases[i].host);
        assert_int_equal(device.port, cases[i].port);
    }
}

static void refuses_what_is_no_device_name(void **state)
{
    (void)state;
    static const char *const names[] = {"",
                                        ":8266",
                                        "a:",
                                        "a:0",
                                        "a:65536",
                                        "a:1x",
                                        "a: 1",
                                        "a:-1",
                                        "[::1",
                                        "[::1]8266",
                                        "[]:1",
                                        "[::1]:",
                                        "a:99999999999999999999"};
    struct otter_device device;
    for (size_t i = 0; i < TEST_COUNT(names); i++)
        assert_false(otter_device_parse(&device, names[i], 8266));
    char name[OTTER_DEVICE_HOST_SIZE + 1];
    memset(name, 'a', sizeof(name));
    name[OTTER_DEVICE_HOST_SIZE] = '\0';
    assert_false(otter_device_parse(&device, name, 8266));
    name[OTTER_DEVICE_HOST_SIZE - 1] = '\0';
    assert_true(otter_device_parse(&device, name, 8266));
}

/* --- firewalls ------------------------------------------------------------------------------------- */

/* Makes an empty file, and the folders above it, below the scene's folder. */
static void make_path(struct scene *scene, char path[PATH_MAX], const char *name, const char *text)
{
    scene_path(scene, path, name);
    for (char *slash = path + strlen(scene->folder) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void remove_path(struct scene *scene, const char *name)
{
    char path[PATH_MAX];
    scene_path(scene, path, name);
    for (char *slash; (slash = strrchr(path, '/')) != NULL && strlen(path) > strlen(scene->folder);
         *slash = '\0')
        remove(path);
}

static void recognises_firewalls(void **state)
{
    struct scene *scene = *state;
    static const struct {
        const char *file, *text;
        enum otter_firewall firewall;
    } cases[] = {
        {"etc/ufw/ufw.conf", "# ufw\nENABLED=yes\n", OTTER_FIREWALL_UFW},
        {"etc/ufw/ufw.conf", "ENABLED=no\n", OTTER_FIREWALL_NONE},
        {"sys/fs/cgroup/system.slice/firewalld.service", "", OTTER_FIREWALL_FIREWALLD},
        {"usr/sbin/nft", "", OTTER_FIREWALL_NFTABLES},
        {"usr/sbin/iptables", "", OTTER_FIREWALL_IPTABLES},
    };
    assert_int_equal(otter_firewall_find(scene->folder), OTTER_FIREWALL_NONE);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char path[PATH_MAX];
        make_path(scene, path, cases[i].file, cases[i].text);
        assert_int_equal(otter_firewall_find(scene->folder), cases[i].firewall);
        remove_path(scene, cases[i].file);
    }
}

static void prints_the_command_that_opens_a_port(void **state)
{
    (void)state;
    static const struct {
        enum otter_firewall firewall;
        const char *device, *command;
    } cases[] = {
        {OTTER_FIREWALL_UFW, "10.0.0.7", "sudo ufw allow proto tcp from 10.0.0.7 to any port 4711"},
        {OTTER_FIREWALL_FIREWALLD, "10.0.0.7", "sudo firewall-cmd --add-port=4711/tcp"},
        {OTTER_FIREWALL_NFTABLES, "10.0.0.7",
         "sudo nft insert rule inet filter input ip saddr 10.0.0.7 tcp dport 4711 accept"},
        {OTTER_FIREWALL_NFTABLES, "fe80::7",
         "sudo nft insert rule inet filter input ip6 saddr fe80::7 tcp dport 4711 accept"},
        {OTTER_FIREWALL_IPTABLES, "10.0.0.7",
         "sudo iptables -I INPUT -p tcp -s 10.0.0.7 --dport 4711 -j ACCEPT"},
        {OTTER_FIREWALL_IPTABLES, "fe80::7",
         "sudo ip6tables -I INPUT -p tcp -s fe80::7 --dport 4711 -j ACCEPT"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[128] = "";
        FILE *out = fmemopen(text, sizeof(text), "w");
        otter_firewall_print_command(out, cases[i].firewall, cases[i].device, 4711);
        fclose(out);
        assert_string_equal(text, cases[i].command);
    }
}

/* --- passwords ------------------------------------------------------------------------------------- */

static void hides_a_password_that_was_an_argument(void **state)
{
    (void)state;
    char argument[] = "secret";
    char *password = otter_password_take(argument);
    assert_string_equal(password, "secret");
    assert_memory_equal(argument, "\0\0\0\0\0\0", 7);
    otter_password_free(password);
}

static void reads_the_first_line_of_a_password_file(void **state)
{
    static const char *const contents[] = {"secret\nmore\n", "secret\r\n", "secret"};
    for (size_t i = 0; i < TEST_COUNT(contents); i++) {
        char path[PATH_MAX], *password;
        scene_file(*state, path, "password", contents[i], strlen(contents[i]));
        assert_int_equal(otter_password_read(&password, path), OTTER_EXIT_OK);
        assert_string_equal(password, "secret");
        otter_password_free(password);
    }
}

int main(void)
{
#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        SCENE_TEST(writes_and_reads_a_file),
        SCENE_TEST(leaves_nothing_where_it_cannot_write),
        cmocka_unit_test(compresses_and_inflates),
        cmocka_unit_test(does_not_inflate_without_bounds),
        cmocka_unit_test(writes_json),
        cmocka_unit_test(shows_control_characters_as_question_marks),
        cmocka_unit_test(prints_bytes),
        cmocka_unit_test(prints_times),
        cmocka_unit_test(splits_device_names),
        cmocka_unit_test(refuses_what_is_no_device_name),
        SCENE_TEST(recognises_firewalls),
        cmocka_unit_test(prints_the_command_that_opens_a_port),
        cmocka_unit_test(hides_a_password_that_was_an_argument),
        SCENE_TEST(reads_the_first_line_of_a_password_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
