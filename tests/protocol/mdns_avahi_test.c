/* mDNS with real peers: Avahi, Python's zeroconf and the device find one another, and otter finds devices
 * with and without Avahi. Each end has a network namespace of its own. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/deadline.h"
#include "tests/support/neighbourhood.h"
#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/socket.h"
#include "tests/support/test.h"

enum {
    SKIPPED = 77,
    NO_ANSWER = 4, /* as `otter help discover` and `otter help push` say */
    ONE_COMMAND_MS = 20000,
};

static struct neighbourhood neighbourhood;
static struct scene scene;
static int owner = -1; /* of port 5353 */

static int open_scene(void **state)
{
    (void)state;
    scene_open(&scene);
    scene.netns = neighbourhood.desk;
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    scene_close(&scene);
    socket_close(&owner);
    return 0;
}

/* --- devices -------------------------------------------------------------------------------------- */

/* Starts a device that is to be known as HOSTNAME, at IP of the garden or of the desk. */
static void start_device(struct virtual_device *device, const char *hostname, const char *ip,
                         const char *password)
{
    static unsigned number;
    char name[32], image[PATH_MAX];
    const char *const options[] = {"--mdns",
                                   "--hostname",
                                   hostname,
                                   "--board",
                                   "ESP8266_NODEMCU_ESP12E",
                                   "--image",
                                   push_garden_path(image, "garden-1.bin"),
                                   password ? "--password" : NULL,
                                   password,
                                   NULL};
    snprintf(name, sizeof(name), "device-%u", number++);
    scene.netns = strcmp(ip, DESK_IP) == 0 ? neighbourhood.desk : neighbourhood.garden;
    virtual_device_start_at(device, &scene, name, ip, options);
    scene.netns = neighbourhood.desk;
}

/* What it calls itself in the end, without ".local"; valid until the next line is read. */
static const char *wait_known(struct virtual_device *device, char out[64])
{
    const char *line = process_wait_line(device->process, "known as ", NEIGHBOUR_WAIT_MS);
    REQUIRE(line && sscanf(line, "known as %63[^.]", out) == 1, "not announced:\n%s", device->process->text);
    return out;
}

static void expect_known(struct virtual_device *device, const char *name)
{
    char known[64];
    assert_string_equal(wait_known(device, known), name);
}

static void stop_device(const struct virtual_device *device)
{
    char answer[64];
    virtual_device_command(device, "quit", answer, sizeof(answer));
}

/* --- programs ------------------------------------------------------------------------------------- */

/* Runs a program again and again until it says TEXT; what it said is then in OUT. */
static void wait_until_said(const char *const argv[], const char *text, char *out, size_t size)
{
    int64_t deadline = deadline_in(NEIGHBOUR_WAIT_MS);
    struct process process;
    bool said;
    do {
        process_start(&process, argv, neighbourhood.desk);
        process_wait_exit(&process, ONE_COMMAND_MS);
        said = strstr(process.text, text) != NULL;
        snprintf(out, size, "%s", process.text);
        process_stop(&process);
    } while (!said && deadline_left(deadline) > 0);
    REQUIRE(said, "%s never said %s, but:\n%s", argv[0], text, out);
}

static void browse(const char *type, const char *text, char *out, size_t size)
{
    wait_until_said(PROCESS_STRINGS("/usr/bin/avahi-browse", "-prtk", type, NULL), text, out, size);
}

static void resolve(const char *family, const char *name, const char *address)
{
    char out[512];
    wait_until_said(PROCESS_STRINGS("/usr/bin/avahi-resolve", family, "-n", name, NULL), address, out,
                    sizeof(out));
}

/* --- Avahi finds devices -------------------------------------------------------------------------- */

static void avahi_finds_a_device(void **state)
{
    (void)state;
    struct virtual_device device;
    char out[4096], line[256];
    neighbourhood_start_avahi(&scene, "desk");
    start_device(&device, "kitchen", GARDEN_IP, "secret");
    expect_known(&device, "kitchen");
    snprintf(line, sizeof(line), "=;desk;IPv4;kitchen;_arduino._tcp;local;kitchen.local;" GARDEN_IP ";%u;",
             device.port);
    browse("_arduino._tcp", line, out, sizeof(out));
    static const char *const texts[] = {"\"tcp_check=no\"",    "\"ssh_upload=no\"",
                                        "\"auth_upload=yes\"", "\"board=ESP8266_NODEMCU_ESP12E\"",
                                        "\"name=garden\"",     "\"version=1.0.0\""};
    for (size_t i = 0; i < TEST_COUNT(texts); i++)
        if (strstr(out, texts[i]) == NULL)
            fail_msg("no %s in %s", texts[i], out);
    browse("_http._tcp", "=;desk;IPv4;kitchen;_http._tcp;local;kitchen.local;" GARDEN_IP ";", out,
           sizeof(out));
    browse("_services._dns-sd._udp", "_arduino", out, sizeof(out));
    resolve("-4", "kitchen.local", GARDEN_IP);
}

static void avahi_finds_a_device_by_ipv6(void **state)
{
    (void)state;
    struct virtual_device device;
    char out[4096];
    neighbourhood_start_avahi(&scene, "desk");
    scene.netns = neighbourhood.garden;
    virtual_device_start_at(&device, &scene, "six", "fe80::2%garden",
                            PROCESS_STRINGS("--mdns", "--hostname", "kitchen", NULL));
    scene.netns = neighbourhood.desk;
    expect_known(&device, "kitchen");
    browse("_arduino._tcp", "=;desk;IPv6;kitchen;_arduino._tcp;local;kitchen.local;fe80::2;", out,
           sizeof(out));
    resolve("-6", "kitchen.local", "fe80::2");
}

/* The library that PlatformIO finds devices with. Its first questions want unicast answers. */
static void python_finds_a_device(void **state)
{
    (void)state;
    static const char script[] =
        "import time, zeroconf\n"
        "class Listener:\n"
        "    def add_service(self, zc, type_, name):\n"
        "        info = zc.get_service_info(type_, name)\n"
        "        if info:\n"
        "            print(name, info.parsed_addresses(), info.port, info.properties)\n"
        "    def remove_service(self, zc, type_, name): pass\n"
        "    def update_service(self, zc, type_, name): pass\n"
        "zc = zeroconf.Zeroconf()\n"
        "zeroconf.ServiceBrowser(zc, '_arduino._tcp.local.', Listener())\n"
        "time.sleep(3)\n"
        "zc.close()\n";
    struct virtual_device device;
    char path[PATH_MAX], line[128], out[4096];
    start_device(&device, "kitchen", GARDEN_IP, NULL);
    expect_known(&device, "kitchen");
    scene_file(&scene, path, "browse.py", script, sizeof(script) - 1);
    snprintf(line, sizeof(line), "kitchen._arduino._tcp.local. ['" GARDEN_IP "'] %u {b'tcp_check': b'no'",
             device.port);
    wait_until_said(PROCESS_STRINGS("/usr/bin/python3", path, NULL), line, out, sizeof(out));
}

static void avahi_sees_a_device_go(void **state)
{
    (void)state;
    struct virtual_device device;
    neighbourhood_start_avahi(&scene, "desk");
    struct process *watch = scene_start(&scene, "/usr/bin/avahi-browse", "-p", "_arduino._tcp", NULL);
    start_device(&device, "kitchen", GARDEN_IP, NULL);
    assert_non_null(process_wait_line(watch, "+;desk;IPv4;kitchen;", NEIGHBOUR_WAIT_MS));
    stop_device(&device);
    assert_non_null(process_wait_line(watch, "-;desk;IPv4;kitchen;", NEIGHBOUR_WAIT_MS));
}

/* --- names ---------------------------------------------------------------------------------------- */

static void a_device_leaves_avahi_its_name(void **state)
{
    (void)state;
    struct virtual_device far, near;
    neighbourhood_start_avahi(&scene, "kitchen");
    start_device(&far, "kitchen", GARDEN_IP, NULL);
    expect_known(&far, "kitchen-2");
    start_device(&near, "kitchen", DESK_IP, NULL); /* on one computer with Avahi */
    expect_known(&near, "kitchen-3");
    resolve("-4", "kitchen-2.local", GARDEN_IP);
    resolve("-4", "kitchen-3.local", DESK_IP);
}

static void avahi_leaves_a_device_its_name(void **state)
{
    (void)state;
    struct virtual_device device;
    start_device(&device, "kitchen", GARDEN_IP, NULL);
    expect_known(&device, "kitchen");
    struct process *avahi = neighbourhood_start_avahi(&scene, "kitchen");
    assert_true(process_wait_text(avahi, "Host name is kitchen-2.local", NEIGHBOUR_WAIT_MS));
    resolve("-4", "kitchen.local", GARDEN_IP);
}

static void devices_of_one_name_sort_it_out(void **state)
{
    (void)state;
    static const char *const ips[] = {GARDEN_IP, GARDEN_SECOND_IP, GARDEN_IP, DESK_IP};
    struct virtual_device devices[TEST_COUNT(ips)];
    char names[TEST_COUNT(ips)][64], out[8192], line[600];
    neighbourhood_start_avahi(&scene, "desk");
    for (size_t i = 0; i < TEST_COUNT(ips); i++)
        start_device(&devices[i], "kitchen", ips[i], NULL);
    for (size_t i = 0; i < TEST_COUNT(ips); i++) {
        wait_known(&devices[i], names[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(names[i], names[j]);
    }
    for (size_t i = 0; i < TEST_COUNT(ips); i++) {
        snprintf(line, sizeof(line), "IPv4;%s;_arduino._tcp;local;%s.local;%s;%u;", names[i], names[i],
                 ips[i], devices[i].port);
        browse("_arduino._tcp", line, out, sizeof(out));
    }
}

/* --- otter finds devices -------------------------------------------------------------------------- */

static void discover(const char *text)
{
    char out[4096];
    wait_until_said(PROCESS_STRINGS(OTTER_PROGRAM, "discover", "--json", NULL), text, out, sizeof(out));
}

static void otter_discovers(bool avahi)
{
    struct virtual_device far, near;
    char text[512];
    if (avahi)
        neighbourhood_start_avahi(&scene, "desk");
    start_device(&far, "kitchen", GARDEN_IP, "secret");
    start_device(&near, "cellar", "127.0.0.1",
                 NULL); /* in the garden, on its loopback interface: out of reach */
    expect_known(&far, "kitchen");
    snprintf(text, sizeof(text),
             "{\"event\":\"found\",\"name\":\"kitchen\",\"host\":\"kitchen.local\",\"address\":\"" GARDEN_IP
             "\",\"port\":%u,\"board\":\"ESP8266_NODEMCU_ESP12E\",\"password\":true,\"firmware\":\"garden\","
             "\"version\":\"1.0.0\"}\n",
             far.port);
    discover(text);
    struct process *table = scene_start(&scene, OTTER_PROGRAM, "discover", "KIT*", NULL);
    assert_true(process_ends(table, 0, ONE_COMMAND_MS,
                             PROCESS_STRINGS("NAME     ADDRESS", "yes       garden 1.0.0", NULL)));
    assert_null(strstr(table->text, "cellar"));
    struct process *none = scene_start(&scene, OTTER_PROGRAM, "discover", "cellar", NULL);
    assert_true(process_ends(none, NO_ANSWER, ONE_COMMAND_MS, PROCESS_STRINGS("no device answered", NULL)));
}

static void otter_discovers_devices(void **state)
{
    (void)state;
    otter_discovers(false);
}

static void otter_discovers_devices_beside_avahi(void **state)
{
    (void)state;
    otter_discovers(true);
}

static void otter_discovers_devices_where_it_may_not_share_the_port(void **state)
{
    (void)state;
    struct virtual_device device;
    const struct sockaddr_in6 port = {.sin6_family = AF_INET6, .sin6_port = htons(5353)};
    owner = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* of both families, and not to be shared */
    assert_int_equal(bind(owner, (const struct sockaddr *)&port, sizeof(port)), 0);
    start_device(&device, "kitchen", GARDEN_IP, NULL);
    expect_known(&device, "kitchen");
    discover("\"address\":\"" GARDEN_IP "\"");
}

static void otter_watches_devices_come_and_go(void **state)
{
    (void)state;
    struct virtual_device device;
    struct process *watch = scene_start(&scene, OTTER_PROGRAM, "discover", "--watch", "--json", NULL);
    struct process *table = scene_start(&scene, OTTER_PROGRAM, "discover", "--watch", NULL);
    start_device(&device, "kitchen", GARDEN_IP, NULL);
    assert_non_null(process_wait_line(watch, "{\"event\":\"found\",\"name\":\"kitchen\"", NEIGHBOUR_WAIT_MS));
    assert_non_null(process_wait_line(table, "found   kitchen", NEIGHBOUR_WAIT_MS));
    stop_device(&device);
    assert_non_null(process_wait_line(watch, "{\"event\":\"lost\",\"name\":\"kitchen\"", NEIGHBOUR_WAIT_MS));
    assert_non_null(process_wait_line(table, "lost    kitchen", NEIGHBOUR_WAIT_MS));
}

static void a_table_on_a_terminal_follows_devices(void **state)
{
    (void)state;
    struct virtual_device device;
    setenv("TERM", "xterm", 1);
    struct process *watch =
        scene_start_on_terminal(&scene, PROCESS_STRINGS(OTTER_PROGRAM, "discover", "--watch", NULL));
    assert_non_null(process_wait_line(watch, "NAME", NEIGHBOUR_WAIT_MS));
    start_device(&device, "kitchen", GARDEN_IP, NULL);
    assert_non_null(process_wait_line(watch, "kitchen", NEIGHBOUR_WAIT_MS));
    stop_device(&device);
    assert_non_null(
        process_wait_line(watch, "\033[2A\r\033[JNAME", NEIGHBOUR_WAIT_MS)); /* two lines are redrawn */
}

/* --- otter pushes to devices ---------------------------------------------------------------------- */

static void expect_update(struct virtual_device *device)
{
    virtual_device_wait_restart(device);
    assert_string_equal(push_running(device).version, "2.0.0");
}

/* NAME.local:PORT, since virtual devices listen on any port. */
static const char *with_port(char out[64], const char *host, const struct virtual_device *device)
{
    snprintf(out, 64, "%s:%u", host, device->port);
    return out;
}

static void push_finds_names(bool avahi)
{
    struct virtual_device kitchen, cellar;
    char file[PATH_MAX], first[64], second[64];
    if (avahi)
        neighbourhood_start_avahi(&scene, "desk");
    push_garden_path(file, "garden-2.bin");
    start_device(&kitchen, "kitchen", GARDEN_IP, "secret");
    start_device(&cellar, "cellar", GARDEN_SECOND_IP, "secret");
    expect_known(&kitchen, "kitchen");
    expect_known(&cellar, "cellar");
    struct process *push = scene_start(&scene, OTTER_PROGRAM, "push", "--password", "secret",
                                       with_port(first, "kitchen.local", &kitchen),
                                       with_port(second, "CELLAR.local", &cellar), file, NULL);
    assert_true(process_ends(push, 0, PUSH_WAIT_MS, PROCESS_STRINGS("2 of 2 devices updated", NULL)));
    expect_update(&kitchen);
    expect_update(&cellar);
}

static void otter_pushes_to_names(void **state)
{
    (void)state;
    push_finds_names(false);
}

static void otter_pushes_to_names_beside_avahi(void **state)
{
    (void)state;
    push_finds_names(true);
}

static void otter_pushes_to_a_name_of_ipv6(void **state)
{
    (void)state;
    struct virtual_device device;
    char file[PATH_MAX], name[64];
    scene.netns = neighbourhood.garden;
    virtual_device_start_at(&device, &scene, "six", "fe80::2%garden",
                            PROCESS_STRINGS("--mdns", "--hostname", "kitchen", NULL));
    scene.netns = neighbourhood.desk;
    expect_known(&device, "kitchen");
    push_garden_path(file, "garden-2.bin");
    struct process *push =
        scene_start(&scene, OTTER_PROGRAM, "push", with_port(name, "kitchen.local", &device), file, NULL);
    assert_true(process_ends(push, 0, PUSH_WAIT_MS, PROCESS_STRINGS(NULL)));
    expect_update(&device);
}

static void a_name_that_nobody_has_is_said_soon(void **state)
{
    (void)state;
    char file[PATH_MAX];
    push_garden_path(file, "garden-2.bin");
    struct process *push =
        scene_start(&scene, OTTER_PROGRAM, "push", "nobody.local", "noone.local", file, NULL);
    assert_true(process_ends(push, NO_ANSWER, ONE_COMMAND_MS,
                             PROCESS_STRINGS("nobody.local", "nobody on the local network answers", NULL)));
}

static void otter_pushes_to_all(void **state)
{
    (void)state;
    struct virtual_device kitchen, cellar;
    char file[PATH_MAX];
    push_garden_path(file, "garden-2.bin");
    start_device(&kitchen, "kitchen", GARDEN_IP, "secret");
    start_device(&cellar, "cellar", GARDEN_SECOND_IP, NULL);
    expect_known(&kitchen, "kitchen");
    expect_known(&cellar, "cellar");
    struct process *push =
        scene_start(&scene, OTTER_PROGRAM, "push", "--all", "--yes", "--password", "secret", file, NULL);
    assert_true(process_ends(push, 0, PUSH_WAIT_MS,
                             PROCESS_STRINGS("kitchen", "cellar", "2 of 2 devices updated", NULL)));
    expect_update(&kitchen);
    expect_update(&cellar);
}

static void otter_asks_before_it_pushes_to_all(void **state)
{
    (void)state;
    struct virtual_device kitchen, cellar;
    char file[PATH_MAX];
    push_garden_path(file, "garden-2.bin");
    start_device(&kitchen, "kitchen", GARDEN_IP, NULL);
    start_device(&cellar, "cellar", GARDEN_SECOND_IP, NULL);
    expect_known(&kitchen, "kitchen");
    expect_known(&cellar, "cellar");
    struct process *nobody = scene_start(&scene, OTTER_PROGRAM, "push", "--all", file, NULL);
    assert_true(process_ends(nobody, 2, ONE_COMMAND_MS, PROCESS_STRINGS("--yes", NULL)));
    const char *const argv[] = {OTTER_PROGRAM, "push", "--all=kit*", file, NULL};
    struct process *no = scene_start_on_terminal(&scene, argv);
    assert_true(process_wait_text(no, "Update this device? [y/N] ", NEIGHBOUR_WAIT_MS));
    process_type(no, "\n");
    assert_true(process_ends(no, 130, ONE_COMMAND_MS, PROCESS_STRINGS("nothing was sent", NULL)));
    struct process *yes = scene_start_on_terminal(&scene, argv);
    assert_true(process_wait_text(yes, "Update this device? [y/N] ", NEIGHBOUR_WAIT_MS));
    process_type(yes, "y\n");
    assert_true(process_ends(yes, 0, PUSH_WAIT_MS, PROCESS_STRINGS(NULL)));
    expect_update(&kitchen);
    assert_string_equal(push_running(&cellar).version, "1.0.0");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)
    const struct CMUnitTest tests[] = {
        TEST(avahi_finds_a_device),
        TEST(avahi_finds_a_device_by_ipv6),
        TEST(python_finds_a_device),
        TEST(avahi_sees_a_device_go),
        TEST(a_device_leaves_avahi_its_name),
        TEST(avahi_leaves_a_device_its_name),
        TEST(devices_of_one_name_sort_it_out),
        TEST(otter_discovers_devices),
        TEST(otter_discovers_devices_beside_avahi),
        TEST(otter_discovers_devices_where_it_may_not_share_the_port),
        TEST(otter_watches_devices_come_and_go),
        TEST(a_table_on_a_terminal_follows_devices),
        TEST(otter_pushes_to_names),
        TEST(otter_pushes_to_names_beside_avahi),
        TEST(otter_pushes_to_a_name_of_ipv6),
        TEST(a_name_that_nobody_has_is_said_soon),
        TEST(otter_pushes_to_all),
        TEST(otter_asks_before_it_pushes_to_all),
    };
    if (!neighbourhood_open(&neighbourhood)) {
        printf("skipped: this machine does not allow %s\n", neighbourhood.denied);
        return SKIPPED;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    neighbourhood_close(&neighbourhood);
    return failed;
}
