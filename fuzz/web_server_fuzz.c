/* The update page, under what a client sends. The first character chooses what it asks for: 'o' no
 * credentials, 'b' Basic with admin and secret, 'd' Digest. The second one is the size of the portions. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "otter/web.h"
#include "ports/sim/rig.h"

#define STEPS_MAX 100000u /* of one run: more is a server that spins */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct scene {
    struct otter_sim_rig rig;
    struct otter_updater updater;
    struct otter_web web;
    uint32_t sector[OTTER_FLASH_SECTOR / 4];
    bool asked; /* the application was */
};

static void require(bool truth)
{
    if (!truth)
        abort();
}

static enum otter_web_start on_start(void *context, enum otter_update_command command, uint32_t size)
{
    struct scene *scene = context;
    require(size > 0 && (command == OTTER_UPDATE_SKETCH || command == OTTER_UPDATE_FILESYSTEM));
    scene->asked = true;
    return OTTER_WEB_START_GO;
}

static void run(struct scene *scene, uint32_t ms)
{
    struct otter_sim_network *network = &scene->rig.network;
    const uint32_t end = network->now_ms + ms;
    for (unsigned steps = 0;; steps++) {
        const uint32_t wait = otter_web_step(&scene->web, network->now_ms);
        require(steps < STEPS_MAX);
        if (wait > end - network->now_ms)
            break;
        network->now_ms += wait;
    }
    network->now_ms = end;
}

static void open_scene(struct scene *scene, char mode)
{
    require(otter_sim_rig_open(&scene->rig, otter_layout_find("1m64")));
    otter_updater_init(&scene->updater, &scene->rig.port,
                       &(struct otter_updater_settings){.buffer = scene->sector});
    require(otter_web_begin(&scene->web, &scene->rig.port, &scene->updater,
                            &(struct otter_web_settings){
                                .user = mode == 'o' ? NULL : "admin",
                                .password = mode == 'o' ? NULL : "secret",
                                .auth = mode == 'd' ? OTTER_WEB_DIGEST : OTTER_WEB_BASIC,
                                .context = scene,
                                .start = on_start,
                            }) == OTTER_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scene scene;
    if (size < 2)
        return 0;
    memset(&scene, 0, sizeof(scene));
    open_scene(&scene, (char)data[0]);
    struct otter_sim_visitor *visitor = otter_sim_network_visit(&scene.rig.network);
    const size_t portion = data[1] + 1u;
    for (size_t at = 2; at < size; at += portion) {
        otter_sim_visitor_say(visitor, data + at, size - at < portion ? size - at : portion);
        run(&scene, 0);
    }
    visitor->input_end = OTTER_ERROR_CLOSED;
    run(&scene, 30000);
    require(!visitor->open && !visitor->waiting && scene.rig.flash.violation[0] == '\0');
    require(scene.asked || scene.rig.flash.operation == 0);
    require(!(scene.asked && data[0] == 'd'));
    otter_web_end(&scene.web);
    require(!otter_updater_is_running(&scene.updater));
    otter_sim_rig_close(&scene.rig);
    return 0;
}
