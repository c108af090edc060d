#include "tests/support/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/socket.h"

void web_open(void **state, const char *const options[])
{
    struct web *web = malloc(sizeof(*web));
    *state = web;
    scene_open(&web->scene);
    sample_image(web->image, sizeof(web->image), 7);
    scene_file(&web->scene, web->file, "firmware.bin", web->image, sizeof(web->image));
    virtual_device_start_at(&web->device, &web->scene, "device", "127.0.0.1", options);
    virtual_device_ask(&web->device);
    web->port = (uint16_t)virtual_device_number(&web->device, "web_port");
    snprintf(web->url, sizeof(web->url), "http://127.0.0.1:%u/update", web->port);
}

int web_setup_free(void **state)
{
    web_open(state, PROCESS_STRINGS(NULL));
    return 0;
}

int web_setup_basic(void **state)
{
    web_open(state, PROCESS_STRINGS("--web-password", "secret", NULL));
    return 0;
}

int web_setup_digest(void **state)
{
    web_open(state, PROCESS_STRINGS("--web-password", "secret", "--web-digest", NULL));
    return 0;
}

int web_teardown(void **state)
{
    struct web *web = *state;
    scene_close(&web->scene);
    free(web);
    return 0;
}

const char *web_curl_arguments(struct web *web, const char *path, const char *const arguments[])
{
    const char *argv[PROCESS_ARGUMENTS_MAX] = {"/usr/bin/curl", "-sSi", "--noproxy", "*", "--max-time", "50"};
    char url[128];
    size_t count = 6;
    for (; *arguments; arguments++) {
        REQUIRE(count + 2 < PROCESS_ARGUMENTS_MAX, "too many arguments");
        argv[count++] = *arguments;
    }
    snprintf(url, sizeof(url), "%s%s", web->url, path);
    argv[count] = url;
    struct process *curl = scene_start_arguments(&web->scene, argv);
    (void)process_wait_exit(curl, WEB_WAIT_MS);
    return curl->text;
}

const char *web_field(char out[PATH_MAX + 32], const char *name, const char *file)
{
    snprintf(out, PATH_MAX + 32, "%s=@%s", name, file);
    return out;
}

void web_update(struct web *web, const char *credentials)
{
    char field[PATH_MAX + 32];
    const char *text = credentials ? web_curl(web, "--anyauth", "-u", credentials, "-F",
                                              web_field(field, "firmware", web->file))
                                   : web_curl(web, "-F", web_field(field, "firmware", web->file));
    REQUIRE(strstr(text, WEB_SUCCESS), "no success: %s", text);
    virtual_device_wait_restart(&web->device);
}

int web_connect(const struct web *web)
{
    const struct sockaddr_in to = socket_address("127.0.0.1", web->port);
    int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(tcp >= 0 && connect(tcp, (const struct sockaddr *)&to, sizeof(to)) == 0, "cannot connect");
    return tcp;
}

void web_say(int tcp, const char *text)
{
    REQUIRE(socket_send(tcp, text, strlen(text), strlen(text), WEB_WAIT_MS), "the server takes nothing");
}

const char *web_hear(int tcp, char *out, size_t size)
{
    size_t length = 0;
    int count;
    while (length + 1 < size && (count = socket_read(tcp, out + length, size - 1 - length, WEB_WAIT_MS)) > 0)
        length += (size_t)count;
    out[length] = '\0';
    return out;
}
