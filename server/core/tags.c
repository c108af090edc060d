#include "server/core/tags.h"

#include <string.h>

#include "format/text.h"

static bool is_tag_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static bool is_separator(char c)
{
    return c == ' ' || c == ',' || c == '\t';
}

/* The length of the word at TEXT: of what stands before a separator. */
static size_t word_length(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0' && !is_separator(text[length]))
        length++;
    return length;
}

/* Words compare as their bytes do; the space behind a word is below all that a word has. */
static int compare_words(const char *left, size_t left_length, const char *right, size_t right_length)
{
    int order = memcmp(left, right, left_length < right_length ? left_length : right_length);
    return order != 0 ? order : (int)left_length - (int)right_length;
}

/* Puts WORD where it belongs in the sorted LIST. False if there is no room. */
static bool insert_word(char list[OTTER_TAGS_SIZE], const char *word, size_t length)
{
    char *at = list;
    size_t total = strlen(list);
    while (*at != '\0') {
        size_t here = word_length(at);
        int order = compare_words(word, length, at, here);
        if (order == 0)
            return true;
        if (order < 0)
            break;
        at += here;
        at += *at == ' ';
    }
    if (total + length + 2 > OTTER_TAGS_SIZE)
        return false;
    if (*at == '\0') {
        if (total > 0)
            *at++ = ' ';
        memcpy(at, word, length);
        at[length] = '\0';
        return true;
    }
    memmove(at + length + 1, at, strlen(at) + 1);
    memcpy(at, word, length);
    at[length] = ' ';
    return true;
}

static bool decode_word(char *word, const char *text, size_t length, bool query)
{
    size_t at = 0;
    if (query && length > 1 && text[0] == '!')
        word[at++] = '!';
    for (; at < length; at++) {
        word[at] = otter_text_lower(text[at]);
        if (!is_tag_character(word[at]))
            return false;
    }
    return true;
}

static bool decode(char out[OTTER_TAGS_SIZE], const char *text, bool query)
{
    char list[OTTER_TAGS_SIZE] = "", word[OTTER_TAGS_SIZE];
    while (*text != '\0') {
        size_t length = word_length(text);
        if (length >= sizeof(word) || !decode_word(word, text, length, query) ||
            (length > 0 && !insert_word(list, word, length)))
            return false;
        text += length;
        text += *text != '\0';
    }
    memcpy(out, list, sizeof(list));
    return true;
}

bool otter_tags_decode(char out[OTTER_TAGS_SIZE], const char *text)
{
    return decode(out, text, false);
}

bool otter_tag_query_decode(char out[OTTER_TAGS_SIZE], const char *text)
{
    return decode(out, text, true);
}

static bool has_word(const char *tags, const char *word, size_t length)
{
    while (*tags != '\0') {
        size_t here = word_length(tags);
        if (here == length && memcmp(tags, word, length) == 0)
            return true;
        tags += here;
        tags += *tags == ' ';
    }
    return false;
}

bool otter_tag_query_matches(const char *query, const char *tags)
{
    while (*query != '\0') {
        size_t length = word_length(query), sign = *query == '!';
        if (has_word(tags, query + sign, length - sign) == (sign == 1))
            return false;
        query += length;
        query += *query == ' ';
    }
    return true;
}
