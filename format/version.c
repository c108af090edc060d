#include "format/version.h"

#include <stddef.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_end(char c)
{
    return c == '\0' || c == '+';
}

static const char *skip_v(const char *text)
{
    return (*text == 'v' || *text == 'V') && is_digit(text[1]) ? text + 1 : text;
}

/* Numbers of any length: without leading zeros the longer one is higher. */
static int compare_numbers(const char **left, const char **right)
{
    size_t digits[2] = {0, 0};
    int first = 0;
    while (**left == '0')
        ++*left;
    while (**right == '0')
        ++*right;
    const char *a = *left, *b = *right;
    while (is_digit(a[digits[0]]))
        digits[0]++;
    while (is_digit(b[digits[1]]))
        digits[1]++;
    *left += digits[0];
    *right += digits[1];
    if (digits[0] != digits[1])
        return digits[0] < digits[1] ? -1 : 1;
    for (size_t i = 0; i < digits[0] && first == 0; i++)
        first = a[i] - b[i];
    return first;
}

/* Where two versions part: what follows a '-' is below the end, and all else above it, "1.0a" below "1.0.1".
 */
static int rank(const char *at)
{
    if (*at == '-')
        return 0;
    if (is_end(*at))
        return 1;
    if (*at == '.')
        return 3;
    return is_digit(*at) ? 4 : 2;
}

int otter_version_compare(const char *left, const char *right)
{
    left = skip_v(left);
    right = skip_v(right);
    for (;;) {
        int order = rank(left) - rank(right);
        if (order != 0 || is_end(*left))
            return order;
        if (is_digit(*left)) {
            order = compare_numbers(&left, &right);
        } else {
            order = (unsigned char)*left - (unsigned char)*right;
            left++;
            right++;
        }
        if (order != 0)
            return order;
    }
}

bool otter_version_is(const char *text)
{
    return is_digit(*skip_v(text));
}
