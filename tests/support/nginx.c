#include "tests/support/nginx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/support/require.h"
#include "tests/support/socket.h"

#define PROGRAM  "/usr/sbin/nginx"
#define LOOPBACK "127.0.0.1"
#define ATTEMPTS 10 /* at finding ports that nobody else takes meanwhile */

/* One process, which dies with the test; nothing outside the folder is written. */
static const char head[] =
    "daemon off;\n"
    "master_process off;\n"
    "pid nginx.pid;\n"
    "error_log stderr notice;\n"
    "events { worker_connections 64; }\n"
    "http {\n"
    "  log_format otter '$request_method $request_uri $status $body_bytes_sent \"$http_range\"';\n"
    "  access_log /dev/stdout otter;\n"
    "  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;\n"
    "  uwsgi_temp_path tmp; scgi_temp_path tmp;\n"
    "  default_type application/octet-stream;\n"
    "  root .;\n";

static uint16_t free_port(void)
{
    int fd = socket_bound(SOCK_STREAM, LOOPBACK);
    uint16_t port = socket_port(fd);
    socket_close(&fd);
    return port;
}

static void write_settings(const struct nginx *nginx, const char *path, const char *ip, const char *http,
                           const char *https)
{
    FILE *file = fopen(path, "w");
    REQUIRE(file, "cannot write %s", path);
    fprintf(file, "%s  server { listen %s:%u;\n%s\n}\n", head, ip, (unsigned)nginx->port, http);
    if (https)
        fprintf(file, "  server { listen %s:%u ssl;\n%s\n}\n", ip, (unsigned)nginx->secure_port, https);
    fprintf(file, "}\n");
    REQUIRE(fclose(file) == 0, "cannot write %s", path);
}

/* False if somebody else has one of the ports. */
static bool comes_up(struct nginx *nginx)
{
    const char *line = process_wait_line(nginx->process, "[notice]", NGINX_WAIT_MS);
    REQUIRE(line, "nginx says:\n%s", nginx->process->text);
    return !strstr(nginx->process->text, "bind()");
}

void nginx_start_at(struct nginx *nginx, struct scene *scene, const char *ip, const char *http,
                    const char *https)
{
    char settings[PATH_MAX];
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        *nginx = (struct nginx){.port = free_port(), .secure_port = https ? free_port() : 0};
        write_settings(nginx, scene_path(scene, settings, "nginx.conf"), ip, http, https);
        nginx->process =
            scene_start(scene, PROGRAM, "-e", "stderr", "-p", scene->folder, "-c", settings, NULL);
        if (comes_up(nginx))
            return;
        process_stop(nginx->process);
    }
    REQUIRE(false, "no free port for nginx");
}

void nginx_start(struct nginx *nginx, struct scene *scene, const char *http, const char *https)
{
    nginx_start_at(nginx, scene, LOOPBACK, http, https);
}

void nginx_stop(struct nginx *nginx)
{
    process_stop(nginx->process);
}

/* The number behind TEXT, which ends where *END points to. */
static uint64_t number_behind(const char *text, char **end)
{
    uint64_t number = strtoull(text, end, 10);
    REQUIRE(*end > text, "no number: %s", text);
    return number;
}

/* GET /path 200 1234 "bytes=5-" */
void nginx_wait_request(struct nginx *nginx, struct nginx_request *request)
{
    const char *line = process_wait_line(nginx->process, "GET ", NGINX_WAIT_MS);
    char *end;
    REQUIRE(line, "no request came to its end; nginx says:\n%s", nginx->process->text);
    const char *path = line + strlen("GET ");
    const int length = (int)strcspn(path, " ");
    snprintf(request->path, sizeof(request->path), "%.*s", length, path);
    request->status = (unsigned)number_behind(path + length, &end);
    request->body_bytes = number_behind(end, &end);
    const char *range = end + strspn(end, " \"");
    snprintf(request->range, sizeof(request->range), "%.*s", (int)strcspn(range, "\""), range);
}
