#include "tests/support/scene.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/file.h"
#include "tests/support/require.h"

void scene_open(struct scene *scene)
{
    *scene = (struct scene){.folder = "/tmp/otter-test-XXXXXX", .netns = -1};
    REQUIRE(mkdtemp(scene->folder), "no temporary folder");
    signal(SIGPIPE, SIG_IGN);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void scene_close(struct scene *scene)
{
    for (size_t i = 0; i < scene->count; i++)
        process_stop(&scene->processes[i]);
    nftw(scene->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

int scene_setup(void **state)
{
    struct scene *scene = malloc(sizeof(*scene));
    *state = scene;
    scene_open(scene);
    return 0;
}

int scene_teardown(void **state)
{
    scene_close(*state);
    free(*state);
    return 0;
}

const char *scene_path(const struct scene *scene, char out[PATH_MAX], const char *name)
{
    snprintf(out, PATH_MAX, "%s/%s", scene->folder, name);
    return out;
}

const char *scene_file(const struct scene *scene, char out[PATH_MAX], const char *name, const void *bytes,
                       size_t size)
{
    file_write(scene_path(scene, out, name), bytes, size);
    return out;
}

static struct process *start_by(struct scene *scene, const char *const argv[],
                                void (*start)(struct process *process, const char *const argv[], int netns))
{
    REQUIRE(scene->count < SCENE_PROCESSES_MAX, "too many programs in one test");
    struct process *process = &scene->processes[scene->count];
    start(process, argv, scene->netns);
    scene->count++;
    return process;
}

struct process *scene_start_arguments(struct scene *scene, const char *const argv[])
{
    return start_by(scene, argv, process_start);
}

struct process *scene_start_on_terminal(struct scene *scene, const char *const argv[])
{
    return start_by(scene, argv, process_start_on_terminal);
}
