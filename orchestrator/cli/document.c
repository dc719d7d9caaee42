/* document.c: reading answers. */
#include "orchestrator/cli/document.h"

#include <string.h>

const json_t *document_at(const json_t *document, const char *path)
{
    const char *dot = strchr(path, '.');
    if (!dot) return json_object_get(document, path);
    return document_at(json_object_getn(document, path, (size_t)(dot - path)), dot + 1);
}

const char *document_text(const json_t *document, const char *path)
{
    const char *text = json_string_value(document_at(document, path));
    return text ? text : "";
}

long long document_number(const json_t *document, const char *path)
{
    return (long long)json_integer_value(document_at(document, path));
}

bool document_is(const json_t *document, const char *path)
{
    return json_is_true(document_at(document, path));
}

wg_time document_time(const json_t *document, const char *path)
{
    wg_time time = 0;
    return wg_time_parse(document_text(document, path), &time) ? time : 0;
}
