#include "sim/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_TEXT        80
#define OPERATION_DIGITS 10 /* fewer than a device will ever do */

static const char *const cut_names[OTTER_SIM_CUT_COUNT] = {
    [OTTER_SIM_CUT_NOT_STARTED] = "not-started", [OTTER_SIM_CUT_LANDED] = "landed",
    [OTTER_SIM_CUT_TORN_PREFIX] = "torn-prefix", [OTTER_SIM_CUT_TORN_RANDOM] = "torn-random",
    [OTTER_SIM_CUT_HALF_ERASED] = "half-erased",
};

static uint32_t most_worn(const struct otter_sim_flash *flash)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < flash->size / OTTER_FLASH_SECTOR; i++)
        most = flash->wear[i] > most ? flash->wear[i] : most;
    return most;
}

/* TEXT is printable ASCII. Returns OUT. */
static const char *quote(char out[JSON_TEXT], const char *text)
{
    size_t length = 0;
    out[length++] = '"';
    for (; *text != '\0' && length < JSON_TEXT - 3; text++) {
        if (*text == '"' || *text == '\\')
            out[length++] = '\\';
        out[length++] = *text;
    }
    out[length++] = '"';
    out[length] = '\0';
    return out;
}

static const char *status(struct commands *commands, char *arguments, char answer[CONTROL_ANSWER])
{
    const struct device *device = commands->device;
    const struct otter_sim_flash *flash = &device->flash;
    const struct otter_boot_status *trial = &device->trial;
    const struct otter_sim_flash_counts *counts = &flash->counts;
    char name[JSON_TEXT], version[JSON_TEXT], hostname[JSON_TEXT], violation[JSON_TEXT];
    (void)arguments;
    snprintf(answer, CONTROL_ANSWER,
             "{\"name\":%s,\"version\":%s,\"size\":%" PRIu32
             ",\"md5\":\"%s\",\"hostname\":%s,\"port\":%u,\"web_port\":%u,"
             "\"layout\":\"%s\",\"state\":\"%s\",\"on_trial\":%s,\"starts\":%u,\"starts_left\":%u,"
             "\"taken_back\":\"%s\",\"boots\":%" PRIu32 ",\"updates\":%" PRIu32 ",\"operation\":%" PRIu64
             ",\"programs\":%" PRIu64 ",\"sector_erases\":%" PRIu64 ",\"block_erases\":%" PRIu64
             ",\"reads\":%" PRIu64 ",\"bytes_read\":%" PRIu64 ",\"flash_us\":%" PRIu64
             ",\"wear_max\":%" PRIu32 ",\"pulls\":%" PRIu32
             ",\"pull\":\"%s\",\"pull_error\":%d,\"violation\":%s}",
             quote(name, device->sketch.firmware.name), quote(version, device->sketch.firmware.version),
             device->sketch.size, device->sketch.md5, quote(hostname, device->settings->hostname),
             device->udp_port, device->web_port, device->settings->layout->name, device_state_name(device),
             trial->on_trial ? "true" : "false", trial->starts, trial->starts_left,
             trial->taken_back ? trial->md5 : "", device->boots, device->updates, flash->operation,
             counts->programs, counts->sector_erases, counts->block_erases, counts->reads, counts->bytes_read,
             flash->time_ns / 1000, most_worn(flash), device->pull.ends, pull_outcome(device),
             otter_pull_error(&device->pull.client), quote(violation, flash->violation));
    return NULL;
}

static const char *cut(struct commands *commands, char *arguments, char *answer)
{
    (void)arguments, (void)answer;
    device_ask(commands->device, DEVICE_CUT);
    return "ok";
}

static const char *switch_off(struct commands *commands, char *arguments, char *answer)
{
    (void)arguments, (void)answer;
    device_ask(commands->device, DEVICE_SWITCH_OFF);
    return "ok";
}

static const char *switch_on(struct commands *commands, char *arguments, char *answer)
{
    (void)arguments, (void)answer;
    device_ask(commands->device, DEVICE_SWITCH_ON);
    return "ok";
}

static const char *reset(struct commands *commands, char *arguments, char *answer)
{
    (void)arguments, (void)answer;
    device_ask(commands->device, DEVICE_DO_RESET);
    return "ok";
}

static const char *quit(struct commands *commands, char *arguments, char *answer)
{
    commands->quit = true;
    return switch_off(commands, arguments, answer);
}

static const char *cut_at(struct commands *commands, char *arguments, char *answer)
{
    size_t digits = strspn(arguments, "0123456789");
    unsigned long long count = digits < OPERATION_DIGITS ? strtoull(arguments, NULL, 10) : 0;
    const char *end = arguments + digits;
    end += strspn(end, " ");
    (void)answer;
    for (enum otter_sim_cut how = 0; how < OTTER_SIM_CUT_COUNT && digits > 0 && count > 0; how++) {
        if (strcmp(cut_names[how], end) == 0) {
            device_cut_at(commands->device, count, how);
            return "ok";
        }
    }
    return "error: cut-at takes a number from 1 and one of not-started, landed, torn-prefix, torn-random, "
           "half-erased";
}

static const char *ask_pull(struct commands *commands, const char *url, enum otter_pull_kind kind)
{
    return pull_ask(commands->device, url, kind) ? "ok" : "error: no URL, none by --pull, or one too long";
}

static const char *pull(struct commands *commands, char *arguments, char *answer)
{
    (void)answer;
    return ask_pull(commands, arguments, OTTER_PULL_SKETCH);
}

static const char *pull_filesystem(struct commands *commands, char *arguments, char *answer)
{
    (void)answer;
    return ask_pull(commands, arguments, OTTER_PULL_FILESYSTEM);
}

static const char *check(struct commands *commands, char *arguments, char *answer)
{
    (void)answer;
    return ask_pull(commands, arguments, OTTER_PULL_CHECK);
}

static const struct {
    const char *name;
    /* Returns the answer, or NULL if it is in ANSWER. */
    const char *(*obey)(struct commands *commands, char *arguments, char answer[CONTROL_ANSWER]);
} table[] = {
    {"status", status},  {"cut", cut},      {"cut-at", cut_at},
    {"off", switch_off}, {"on", switch_on}, {"reset", reset},
    {"quit", quit},      {"pull", pull},    {"pull-filesystem", pull_filesystem},
    {"check", check},
};

void commands_obey(void *context, char *line, char answer[CONTROL_ANSWER])
{
    size_t length = strcspn(line, " \r");
    char *arguments = line + length + strspn(line + length, " \r");
    line[length] = '\0';
    arguments[strcspn(arguments, "\r")] = '\0';
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].name, line) != 0)
            continue;
        const char *said = table[i].obey(context, arguments, answer);
        if (said != NULL)
            snprintf(answer, CONTROL_ANSWER, "%s", said);
        return;
    }
    snprintf(answer, CONTROL_ANSWER,
             "error: there are status, cut, cut-at, off, on, reset, quit, pull, pull-filesystem and check");
}
