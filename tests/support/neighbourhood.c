#include "tests/support/neighbourhood.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/namespace.h"
#include "tests/support/require.h"

#define STEP_MS 10000 /* for a command of iproute2 */

/* Runs COMMAND, words with single spaces between them, in NETNS. */
static bool run(int netns, const char *command)
{
    char words[256];
    const char *argv[32] = {"/usr/bin/env"};
    struct process process;
    size_t count = 1;
    snprintf(words, sizeof(words), "%s", command);
    for (char *rest = words, *word; (word = strsep(&rest, " ")) != NULL;)
        argv[count++] = word;
    process_start(&process, argv, netns);
    int status = process_wait_exit(&process, STEP_MS);
    if (status != 0)
        fprintf(stderr, "%s: %s\n", command, process.text);
    process_stop(&process);
    return status == 0;
}

/* Lays a file with TEXT over PATH, for this process and its children. */
static bool cover(const char *path, const char *text)
{
    char name[] = "/run/otter-XXXXXX";
    int fd = mkstemp(name);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(fd, 0644) == 0;
    if (fd >= 0)
        close(fd);
    return written && mount(name, path, NULL, MS_BIND, NULL) == 0;
}

/* Avahi knows one place for its files, and wants a user of its own, who may be missing or out of reach here.
 */
static bool prepare_for_avahi(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("otter", "/run", "tmpfs", 0, NULL) == 0 &&
           cover("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\navahi:x:0:0::/:/bin/false\n") &&
           cover("/etc/group", "root:x:0:\navahi:x:0:\nnetdev:x:0:\n");
}

static bool configure(int netns, const char *name, const char *addresses[])
{
    char command[128];
    bool done = run(netns, "ip link set lo up");
    snprintf(command, sizeof(command), "ip link set %s addrgenmode none up", name);
    done = done && run(netns, command);
    for (; done && *addresses != NULL; addresses++) {
        snprintf(command, sizeof(command), "ip address add %s dev %s%s", *addresses, name,
                 strchr(*addresses, ':') ? " nodad" : "");
        done = run(netns, command);
    }
    return done;
}

static bool join(const struct neighbourhood *neighbourhood)
{
    const char *desk[] = {DESK_IP "/24", "fe80::1/64", NULL};
    const char *garden[] = {GARDEN_IP "/24", GARDEN_SECOND_IP "/24", "fe80::2/64", NULL};
    char command[128];
    snprintf(command, sizeof(command), "ip link set garden netns /proc/%d/fd/%d", (int)getpid(),
             neighbourhood->garden);
    return run(neighbourhood->desk, "ip link add desk type veth peer name garden") &&
           run(neighbourhood->desk, command) && configure(neighbourhood->desk, "desk", desk) &&
           configure(neighbourhood->garden, "garden", garden);
}

bool neighbourhood_open(struct neighbourhood *neighbourhood)
{
    const char *step = "a user namespace";
    *neighbourhood = (struct neighbourhood){.desk = -1, .garden = -1};
    if (!namespace_become_root())
        goto denied;
    step = "a mount namespace";
    if (!prepare_for_avahi())
        goto denied;
    step = "network namespaces";
    if (!namespace_new_network(&neighbourhood->garden) || !namespace_new_network(&neighbourhood->desk))
        goto denied;
    step = "virtual Ethernet";
    if (join(neighbourhood))
        return true;
denied:
    snprintf(neighbourhood->denied, sizeof(neighbourhood->denied), "%s: %s", step, strerror(errno));
    return false;
}

void neighbourhood_close(struct neighbourhood *neighbourhood)
{
    close(neighbourhood->garden);
    close(neighbourhood->desk);
}

/* --- Avahi ---------------------------------------------------------------------------------------- */

static void start_bus(struct scene *scene)
{
    static const char form[] =
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
        " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
        "<busconfig><type>system</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>\n"
        "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/><allow send_destination=\"*\"/>\n"
        "<allow receive_sender=\"*\"/><allow send_type=\"method_call\"/></policy></busconfig>\n";
    char bus[PATH_MAX], config[PATH_MAX], text[2 * PATH_MAX], address[PATH_MAX + 16], option[PATH_MAX + 16];
    scene_path(scene, bus, "bus");
    snprintf(text, sizeof(text), form, bus);
    scene_file(scene, config, "bus.conf", text, strlen(text));
    snprintf(option, sizeof(option), "--config-file=%s", config);
    struct process *process = scene_start(scene, "/usr/bin/dbus-daemon", option, "--nofork", "--nopidfile",
                                          "--print-address", NULL);
    REQUIRE(process_wait_line(process, "unix:", NEIGHBOUR_WAIT_MS), "no D-Bus:\n%s", process->text);
    snprintf(address, sizeof(address), "unix:path=%s", bus);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
}

struct process *neighbourhood_start_avahi(struct scene *scene, const char *hostname)
{
    char config[PATH_MAX], text[256];
    start_bus(scene);
    mkdir("/run/avahi-daemon", 0755);
    snprintf(text, sizeof(text),
             "[server]\nhost-name=%s\nuse-ipv4=yes\nuse-ipv6=yes\nratelimit-burst=100000\n"
             "[publish]\n[wide-area]\nenable-wide-area=no\n",
             hostname);
    scene_file(scene, config, "avahi.conf", text, strlen(text));
    struct process *process = scene_start(scene, "/usr/sbin/avahi-daemon", "--file", config, "--no-drop-root",
                                          "--no-chroot", "--no-rlimits", "--no-proc-title", NULL);
    REQUIRE(process_wait_line(process, "Server startup complete", NEIGHBOUR_WAIT_MS), "no Avahi:\n%s",
            process->text);
    return process;
}
