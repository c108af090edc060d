#include "format/multipart.h"

#include <string.h>

#include "format/http_field.h"
#include "format/text.h"

/* Before the first delimiter, in a part's data, behind a delimiter, behind "-" there, in a part's head,
 * behind the last delimiter. */
enum { PREAMBLE, DATA, DELIMITED, DASH, HEAD, EPILOGUE };

#define DELIMITER_START "\r\n--"
#define START_SIZE      (sizeof(DELIMITER_START) - 1)

/* --- Content-Type ------------------------------------------------------------------------------- */

/* "boundary=" leaves the room for what goes before the boundary. */
char *otter_multipart_delimiter(char *content_type)
{
    struct otter_http_parameter word;
    if (otter_http_parameter_next(&content_type, &word) <= 0 ||
        !otter_text_is_same(word.name, "multipart/form-data"))
        return NULL;
    while (otter_http_parameter_next(&content_type, &word) > 0) {
        if (!otter_text_is_same(word.name, "boundary"))
            continue;
        const size_t length = strlen(word.value);
        if (length == 0 || length > OTTER_MULTIPART_BOUNDARY_MAX)
            return NULL;
        return memcpy(word.value - START_SIZE, DELIMITER_START, START_SIZE);
    }
    return NULL;
}

/* --- a part's head ------------------------------------------------------------------------------ */

/* Of what does not fit only a filename may be cut: its content is of no interest. */
static int take_disposition(struct otter_multipart *multipart, char *value, bool cut)
{
    struct otter_http_parameter word;
    char *name = NULL;
    int more;
    do {
        more = otter_http_parameter_next(&value, &word);
        if (otter_text_is_same(word.name, "filename"))
            multipart->is_file = true;
        else if (more > 0 && otter_text_is_same(word.name, "name"))
            name = word.value;
    } while (more > 0);
    if (more < 0 && !(cut && multipart->is_file))
        return more;
    if (name == NULL)
        return OTTER_ERROR_MALFORMED;
    multipart->name = otter_http_head_keep(&multipart->head, name, 2);
    return multipart->name != NULL ? OTTER_OK : OTTER_ERROR_BUFFER;
}

static int take_field(void *context, const char *name, char *value, bool cut)
{
    if (!otter_text_is_same(name, "Content-Disposition"))
        return OTTER_OK;
    return take_disposition(context, value, cut);
}

static void begin_head(struct otter_multipart *multipart)
{
    multipart->state = HEAD;
    multipart->name = "";
    multipart->is_file = false;
    otter_http_head_init(&multipart->head, multipart->line, multipart->line_size, true, take_field,
                         multipart);
}

/* --- bytes, one function per state: how many were taken ------------------------------------------- */

static size_t raise(struct otter_multipart *multipart, enum otter_multipart_event event, size_t taken)
{
    multipart->event = (uint8_t)event;
    return taken;
}

/* SIZE bytes at DATA lie before the next delimiter: TAKEN of those just fed are done with. */
static size_t hand_out(struct otter_multipart *multipart, const void *data, size_t size, size_t taken)
{
    if (multipart->state == PREAMBLE)
        return taken;
    multipart->data = data;
    multipart->size = size;
    return raise(multipart, OTTER_MULTIPART_DATA, taken);
}

static size_t take_delimiter(struct otter_multipart *multipart)
{
    const bool is_part = multipart->state == DATA;
    multipart->matched = 0;
    multipart->state = DELIMITED;
    return is_part ? raise(multipart, OTTER_MULTIPART_DONE, 1) : 1;
}

/* A delimiter holds CR only as its first character, so what began like one and is none was data. */
static size_t take_data(struct otter_multipart *multipart, const char *bytes, size_t size)
{
    const char *delimiter = multipart->delimiter;
    if (*bytes == delimiter[multipart->matched]) {
        multipart->matched++;
        return delimiter[multipart->matched] == '\0' ? take_delimiter(multipart) : 1;
    }
    if (multipart->matched > 0) {
        const size_t held = multipart->matched;
        multipart->matched = 0;
        return hand_out(multipart, delimiter, held, 0);
    }
    const char *next = memchr(bytes, '\r', size);
    const size_t count = next != NULL ? (size_t)(next - bytes) : size;
    return hand_out(multipart, bytes, count, count);
}

static size_t take_delimited(struct otter_multipart *multipart, const char *bytes, size_t size)
{
    (void)size;
    if (*bytes == '-')
        multipart->state = DASH;
    else if (*bytes == '\n')
        begin_head(multipart);
    else if (*bytes != '\r' && *bytes != ' ' && *bytes != '\t')
        multipart->error = OTTER_ERROR_MALFORMED;
    return 1;
}

static size_t take_dash(struct otter_multipart *multipart, const char *bytes, size_t size)
{
    (void)size;
    multipart->state = EPILOGUE;
    if (*bytes != '-')
        multipart->error = OTTER_ERROR_MALFORMED;
    return raise(multipart, OTTER_MULTIPART_END, 1);
}

static size_t take_head(struct otter_multipart *multipart, const char *bytes, size_t size)
{
    const int count = otter_http_head_feed(&multipart->head, bytes, size);
    if (count < 0) {
        multipart->error = count;
        return 0;
    }
    if (!otter_http_head_is_complete(&multipart->head))
        return size;
    multipart->state = DATA;
    return raise(multipart, OTTER_MULTIPART_PART, (size_t)count);
}

static size_t take_epilogue(struct otter_multipart *multipart, const char *bytes, size_t size)
{
    (void)multipart, (void)bytes;
    return size;
}

static size_t (*const states[])(struct otter_multipart *multipart, const char *bytes, size_t size) = {
    [PREAMBLE] = take_data, [DATA] = take_data, [DELIMITED] = take_delimited,
    [DASH] = take_dash,     [HEAD] = take_head, [EPILOGUE] = take_epilogue,
};

/* The first delimiter may be the very first line: as if a line had ended before it. */
void otter_multipart_init(struct otter_multipart *multipart, const char *delimiter, char *line,
                          uint16_t line_size)
{
    *multipart = (struct otter_multipart){
        .delimiter = delimiter, .line = line, .line_size = line_size, .state = PREAMBLE, .matched = 2};
}

int otter_multipart_feed(struct otter_multipart *multipart, const void *bytes, size_t size)
{
    const char *c = bytes;
    size_t taken = 0;
    multipart->event = OTTER_MULTIPART_MORE;
    while (taken < size && multipart->error == OTTER_OK && multipart->event == OTTER_MULTIPART_MORE)
        taken += states[multipart->state](multipart, c + taken, size - taken);
    return multipart->error != OTTER_OK ? multipart->error : (int)taken;
}
