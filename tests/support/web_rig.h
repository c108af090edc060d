/* An update page over simulated parts: a scripted network, a virtual clock, and callbacks that are written
 * down. */
#ifndef OTTER_TEST_WEB_RIG_H
#define OTTER_TEST_WEB_RIG_H

#include "otter/web.h"
#include "tests/support/updater_rig.h"

#define WEB_RIG_SIZE 20000u /* bytes of the image */

struct web_rig {
    struct updater_rig device;
    struct otter_sim_network *network;
    struct otter_web web;
    uint8_t image[WEB_RIG_SIZE];
    enum otter_web_start decision;

    /* what the callbacks saw */
    unsigned asked, starts, progresses, ends, errors;
    uint32_t size, done, total;
    enum otter_update_command command;
    enum otter_error error;
    char text[160];
};

/* SETTINGS may be NULL; the callbacks are the rig's. */
void web_rig_open(struct web_rig *rig, const struct otter_web_settings *settings);
/* Fails the test if flash was treated badly, or something is still open. */
void web_rig_close(struct web_rig *rig);

/* Lets MS pass, with all the steps that the server wants meanwhile. */
void web_rig_run(struct web_rig *rig, uint32_t ms);

/* Somebody connects and says TEXT; what has happened then at once. */
struct otter_sim_visitor *web_rig_visit(struct web_rig *rig, const char *text);
/* Says more. */
void web_rig_say(struct web_rig *rig, struct otter_sim_visitor *visitor, const void *bytes, size_t size);
/* Connects and sends the image in a form, as a sketch, with FIELDS in the head; but only the first SIZE bytes
 * of all that. */
struct otter_sim_visitor *web_rig_upload(struct web_rig *rig, const char *fields, size_t size);

/* The answer so far begins with TEXT, or holds it. */
void web_rig_begins(const struct otter_sim_visitor *visitor, const char *text);
void web_rig_holds(const struct otter_sim_visitor *visitor, const char *text);

#endif
