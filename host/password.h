/* A password, from wherever the user keeps it. Passwords are on the heap; otter_password_free() wipes them.
 */
#ifndef OTTER_HOST_PASSWORD_H
#define OTTER_HOST_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "host/complain.h"

#define OTTER_PASSWORD_MAX 255u /* bytes */

/* A copy of a command-line argument, which is overwritten so that `ps` shows it no longer. NULL: out of
 * memory. */
char *otter_password_take(char *argument);

/* The first line of a file. Complains when it can't. */
enum otter_exit otter_password_read(char **password, const char *path);

void otter_password_free(char *password);

/* The same for an option: the password that was there, or NULL, is freed. */
enum otter_exit otter_password_replace(char **password, char *argument);
enum otter_exit otter_password_replace_by_file(char **password, const char *path);

/* OTTER_PASSWORD in the environment; NULL: none, or empty. */
const char *otter_password_of_environment(void);

/* A question on the terminal that does not hold up anything else. */
struct otter_password_prompt {
    bool open;
    struct termios saved;
    size_t length;
    char line[OTTER_PASSWORD_MAX + 1];
};

/* True if there is somebody to ask. */
bool otter_password_prompt_possible(void);

/* Prints QUESTION on stderr and turns the echo of stdin off. */
void otter_password_prompt_open(struct otter_password_prompt *prompt, const char *question);

/* Takes what was typed; call it when stdin is readable. True once the line is complete, or there is none to
 * come; PASSWORD is then the line, or NULL. The prompt is closed. */
bool otter_password_prompt_step(struct otter_password_prompt *prompt, char **password);

/* Turns the echo on again. */
void otter_password_prompt_close(struct otter_password_prompt *prompt);

#endif
