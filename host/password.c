#include "host/password.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/file.h"

#define PASSWORD_FILE_MAX 65536u

char *otter_password_take(char *argument)
{
    char *password = strdup(argument);
    explicit_bzero(argument, strlen(argument));
    return password;
}

void otter_password_free(char *password)
{
    if (password != NULL)
        explicit_bzero(password, strlen(password));
    free(password);
}

enum otter_exit otter_password_read(char **password, const char *path)
{
    struct otter_file file;
    enum otter_exit status = otter_file_read(&file, path, PASSWORD_FILE_MAX);
    if (status != OTTER_EXIT_OK)
        return status;
    size_t length = 0;
    while (length < file.size && file.bytes[length] != '\n' && file.bytes[length] != '\r')
        length++;
    *password = strndup((const char *)file.bytes, length);
    explicit_bzero(file.bytes, file.size);
    otter_file_free(&file);
    return *password != NULL ? OTTER_EXIT_OK : otter_complain(OTTER_EXIT_FAILURE, "out of memory");
}

enum otter_exit otter_password_replace(char **password, char *argument)
{
    otter_password_free(*password);
    *password = otter_password_take(argument);
    return *password != NULL ? OTTER_EXIT_OK : otter_complain(OTTER_EXIT_FAILURE, "out of memory");
}

enum otter_exit otter_password_replace_by_file(char **password, const char *path)
{
    otter_password_free(*password);
    *password = NULL;
    return otter_password_read(password, path);
}

const char *otter_password_of_environment(void)
{
    const char *password = getenv("OTTER_PASSWORD");
    return password != NULL && *password != '\0' ? password : NULL;
}

bool otter_password_prompt_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

void otter_password_prompt_open(struct otter_password_prompt *prompt, const char *question)
{
    *prompt = (struct otter_password_prompt){.open = true};
    tcgetattr(STDIN_FILENO, &prompt->saved);
    struct termios silent = prompt->saved;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    fputs(question, stderr);
}

void otter_password_prompt_close(struct otter_password_prompt *prompt)
{
    if (!prompt->open)
        return;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &prompt->saved);
    explicit_bzero(prompt->line, sizeof(prompt->line));
    fputc('\n', stderr);
    prompt->open = false;
}

bool otter_password_prompt_step(struct otter_password_prompt *prompt, char **password)
{
    ssize_t got =
        read(STDIN_FILENO, prompt->line + prompt->length, sizeof(prompt->line) - 1 - prompt->length);
    if (got > 0)
        prompt->length += (size_t)got;
    char *end = memchr(prompt->line, '\n', prompt->length);
    if (end == NULL && got > 0 && prompt->length < sizeof(prompt->line) - 1)
        return false;
    *password = end != NULL ? strndup(prompt->line, (size_t)(end - prompt->line)) : NULL;
    otter_password_prompt_close(prompt);
    return true;
}
