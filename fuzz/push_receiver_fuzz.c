/* The push receiver, under datagrams, TCP bytes, and time.
 *
 * An input is a script of lines. The first character says what happens, the rest of the line is its matter:
 *
 *     p  a password is set (first line only); P the same in the SHA-256 era
 *     d  datagram from the uploader, with a line feed; o from another address
 *     v  a right invitation to the command of that number, as far as up to a space; what follows is put
 * behind a  the right answer to the last nonce t  bytes on TCP i  so many bytes of the right image w  so many
 * milliseconds pass r  so much room for sending, in bytes n  the connection: 0 is being made, 1 is there,
 * others: failed c  the uploader closes; x resets; y the application waits, z refuses
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/push_auth.h"
#include "format/boot_command.h"
#include "format/bytes.h"
#include "format/text.h"
#include "otter/push.h"
#include "ports/sim/rig.h"

#define IMAGE_SIZE  9008u
#define SKETCH_SIZE 8192u
#define STEPS_MAX   100000u /* of one run: more is a receiver that spins */
#define TIME_MAX    100000u /* ms of one line */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct scene {
    struct otter_sim_rig rig;
    struct otter_updater updater;
    struct otter_push push;
    uint32_t sector[OTTER_FLASH_SECTOR / 4];
    uint8_t image[IMAGE_SIZE];
    uint32_t sent; /* bytes of the image on TCP so far */
    struct otter_address uploader;
    enum otter_push_start decision;
    bool password;
    bool answered; /* a right answer to a nonce was said */
    bool admitted; /* the start callback was asked */
    bool ended;    /* an update was staged */
    bool owed;
    uint64_t operations; /* of flash, when the last update was over */
};

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* --- the application ---------------------------------------------------------------------------- */

static enum otter_push_start on_start(void *context, enum otter_update_command command, uint32_t size)
{
    struct scene *scene = context;
    (void)command;
    require(size > 0 && !scene->owed && scene->rig.flash.operation == scene->operations);
    scene->admitted = true;
    scene->owed = scene->decision == OTTER_PUSH_START_GO;
    return scene->decision;
}

static void on_end(void *context)
{
    struct scene *scene = context;
    require(scene->owed);
    scene->owed = false;
    scene->ended = true;
    scene->operations = scene->rig.flash.operation;
}

static void on_error(void *context, enum otter_push_error error, const char *text)
{
    struct scene *scene = context;
    require(error <= OTTER_PUSH_ERROR_END && text[0] != '\0');
    scene->owed = false;
    scene->operations = scene->rig.flash.operation;
}

/* --- the script --------------------------------------------------------------------------------- */

static void run(struct scene *scene, uint32_t ms)
{
    struct otter_sim_network *network = &scene->rig.network;
    const uint32_t end = network->now_ms + ms;
    for (unsigned steps = 0;; steps++) {
        const uint32_t wait = otter_push_step(&scene->push, network->now_ms);
        require(steps < STEPS_MAX);
        if (wait > end - network->now_ms)
            break;
        network->now_ms += wait;
    }
    network->now_ms = end;
}

static uint32_t number(const char *text, uint32_t limit)
{
    const unsigned long value = strtoul(text, NULL, 10);
    return value < limit ? (uint32_t)value : limit;
}

static void datagram(struct scene *scene, const char *text, uint8_t last_of_ip)
{
    struct otter_address from = scene->uploader;
    from.ip[3] = last_of_ip;
    otter_sim_network_datagram(&scene->rig.network, &from, text, strlen(text));
}

static void invite(struct scene *scene, const char *matter)
{
    uint8_t digest[OTTER_MD5_SIZE];
    char md5[33], text[300];
    struct otter_md5 state;
    const char *end = strchr(matter, ' ');
    otter_md5_init(&state);
    otter_md5_update(&state, scene->image, IMAGE_SIZE);
    otter_md5_final(&state, digest);
    otter_hex_encode(md5, digest, sizeof(digest));
    snprintf(text, sizeof(text), "%u 18301 %u %s%.100s\n", (unsigned)number(matter, 255), IMAGE_SIZE, md5,
             end != NULL ? end : "");
    datagram(scene, text, 1);
}

static void answer(struct scene *scene)
{
    static const char cnonce[] = "39b6bd4f2bfa336bf00c37bed108afda082f6fe23601bf8b81d71d4bed28f1c3";
    const char *sent = scene->rig.network.sent.bytes;
    char passhash[65], response[65], text[200];
    const int digits = (int)strlen(sent) - 5;
    if (memcmp(sent, "AUTH ", 5) != 0)
        return;
    scene->answered = true;
    if (digits == (int)OTTER_PUSH_MD5_DIGITS) {
        otter_push_auth_hash_md5(passhash, "secret");
        otter_push_auth_md5(response, passhash, sent + 5, cnonce + 32);
    } else {
        struct otter_push_auth_sha256 auth;
        otter_push_auth_hash_sha256(passhash, "secret");
        otter_push_auth_sha256_init(&auth, passhash, sent + 5, cnonce);
        while (!otter_push_auth_sha256_step(&auth, 1000, response, sent + 5, cnonce)) {
        }
    }
    snprintf(text, sizeof(text), "200 %s %s\n", cnonce + 64 - digits, response);
    datagram(scene, text, 1);
}

static void send_image(struct scene *scene, uint32_t count)
{
    if (count > IMAGE_SIZE - scene->sent)
        count = IMAGE_SIZE - scene->sent;
    otter_sim_network_input(&scene->rig.network, scene->image + scene->sent, count);
    scene->sent += count;
}

static void play(struct scene *scene, char what, const char *matter, size_t size)
{
    struct otter_sim_network *network = &scene->rig.network;
    switch (what) {
    case 'd':
    case 'o':
        datagram(scene, matter, what == 'd' ? 1 : 2);
        break;
    case 'v':
        invite(scene, matter);
        break;
    case 'a':
        answer(scene);
        break;
    case 't':
        otter_sim_network_input(network, matter, size);
        break;
    case 'i':
        send_image(scene, number(matter, IMAGE_SIZE));
        break;
    case 'w':
        run(scene, number(matter, TIME_MAX));
        break;
    case 'r':
        network->room = number(matter, UINT32_MAX);
        break;
    case 'n':
        if (!network->tcp_open || network->connect == 0)
            network->connect = matter[0] == '0' ? 0 : matter[0] == '1' ? 1 : OTTER_ERROR_TRANSPORT;
        break;
    case 'c':
    case 'x':
        network->input_end = what == 'c' ? OTTER_ERROR_CLOSED : OTTER_ERROR_TRANSPORT;
        network->output_error = what == 'c' ? 0 : OTTER_ERROR_TRANSPORT;
        break;
    case 'y':
        scene->decision = OTTER_PUSH_START_WAIT;
        break;
    case 'z':
        scene->decision = OTTER_PUSH_START_REFUSE;
        break;
    default:
        break;
    }
}

/* Plays the next line; what is left of the script. */
static size_t play_line(struct scene *scene, const uint8_t *data, size_t size)
{
    char matter[512];
    const uint8_t *feed = memchr(data, '\n', size);
    const size_t line = feed != NULL ? (size_t)(feed - data) : size;
    const size_t length = line < sizeof(matter) ? line : sizeof(matter);
    if (length > 0) {
        memcpy(matter, data + 1, length - 1);
        matter[length - 1] = '\0';
        play(scene, (char)data[0], matter, length - 1);
        run(scene, 0);
    }
    return feed != NULL ? size - line - 1 : 0;
}

/* --- what must hold ----------------------------------------------------------------------------- */

static void fill_image(uint8_t *image, uint32_t size)
{
    static const uint8_t header[8] = {0xE9, 1, 2, 0, 0, 0, 0x10, 0x40};
    memset(image, 0, size);
    memcpy(image, header, sizeof(header));
    otter_le32_put(image + 8, 0x40210000);
    otter_le32_put(image + 12, size - 32);
    image[size - 1] = OTTER_IMAGE_CHECKSUM_SEED;
}

static bool boot_command_exists(const struct scene *scene)
{
    struct otter_boot_command command;
    return otter_boot_command_decode(&command, scene->rig.rtc.words) == OTTER_OK;
}

static void check(const struct scene *scene)
{
    const struct otter_sim_flash *flash = &scene->rig.flash;
    uint8_t sketch[SKETCH_SIZE];
    fill_image(sketch, sizeof(sketch));
    require(flash->violation[0] == '\0');
    require(memcmp(flash->bytes, sketch, sizeof(sketch)) == 0);
    require(scene->admitted || flash->operation == 0);
    require(!scene->password || scene->answered || flash->counts.reads == 0);
    require(!boot_command_exists(scene) || scene->push.staged || scene->ended);
}

static void open_scene(struct scene *scene, uint8_t first)
{
    struct otter_push_settings settings = {
        .context = scene, .start = on_start, .end = on_end, .error = on_error};
    memset(scene, 0, sizeof(*scene));
    require(otter_sim_rig_open(&scene->rig, otter_layout_find("512k64")));
    fill_image(scene->image, IMAGE_SIZE);
    fill_image(scene->rig.flash.bytes, SKETCH_SIZE);
    scene->uploader = (struct otter_address){.family = 4, .ip = {10, 0, 0, 1}, .port = 40000};
    scene->password = first == 'p' || first == 'P';
    if (scene->password)
        settings.password = "secret";
    if (first == 'P')
        settings.era = OTTER_PUSH_ERA_SHA256;
    otter_updater_init(&scene->updater, &scene->rig.port,
                       &(struct otter_updater_settings){.buffer = scene->sector});
    require(otter_push_begin(&scene->push, &scene->rig.port, &scene->updater, &settings) == OTTER_OK);
}

static void close_scene(struct scene *scene)
{
    otter_push_end(&scene->push);
    require(!scene->owed);
    require(!scene->rig.network.udp_open && !scene->rig.network.tcp_open);
    require(!otter_updater_is_running(&scene->updater));
    otter_sim_rig_close(&scene->rig);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scene scene;
    open_scene(&scene, size > 0 ? data[0] : 0);
    while (size > 0) {
        const size_t left = play_line(&scene, data, size);
        data += size - left;
        size = left;
        check(&scene);
    }
    run(&scene, TIME_MAX); /* everything ends by itself */
    check(&scene);
    require(!otter_push_is_busy(&scene.push));
    close_scene(&scene);
    return 0;
}
