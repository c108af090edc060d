#include "tests/support/certificates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/require.h"

#define SCRIPT  OTTER_SOURCE_DIR "/tests/support/certificates.sh"
#define WAIT_MS 60000

void certificates_make(const struct scene *scene)
{
    struct process process;
    process_start(&process, PROCESS_STRINGS("/bin/sh", SCRIPT, scene->folder, NULL), -1);
    const int status = process_wait_exit(&process, WAIT_MS);
    REQUIRE(status == 0, "openssl made no certificates, see %s/openssl.log: %s", scene->folder, process.text);
    process_stop(&process);
}

static struct file read_kind(const struct scene *scene, const char *name, const char *kind)
{
    char base[64], path[PATH_MAX];
    snprintf(base, sizeof base, "%s.%s", name, kind);
    return file_read(scene_path(scene, path, base));
}

struct file certificates_read(const struct scene *scene, const char *name)
{
    return read_kind(scene, name, "der");
}

static void read_line(const struct scene *scene, const char *name, const char *kind, char *out, size_t size)
{
    struct file file = read_kind(scene, name, kind);
    REQUIRE(file.size == size, "%s.%s has %zu bytes", name, kind, file.size);
    memcpy(out, file.bytes, size - 1);
    out[size - 1] = '\0';
    free(file.bytes);
}

void certificates_key(const struct scene *scene, const char *name, char out[65])
{
    read_line(scene, name, "pin", out, 65);
}

void certificates_fingerprint(const struct scene *scene, const char *name, char out[96])
{
    read_line(scene, name, "fingerprint", out, 96);
}
