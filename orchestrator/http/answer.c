/* answer.c: bodies, headers, problem details. */
#include "orchestrator/http/answer.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CODE_PREFIX "urn:wavegate:problem:"

void http_answer_init(struct http_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    answer->status = 204;
    wg_buf_init(&answer->body, HTTP_ANSWER_MAX);
}

void http_answer_clear(struct http_answer *answer)
{
    if (answer->stream.free) answer->stream.free(answer->stream.ctx);
    wg_buf_clear(&answer->body);
    http_answer_init(answer);
}

void http_answer_reset(struct http_answer *answer)
{
    http_answer_clear(answer);
}

bool http_answer_header(struct http_answer *answer, const char *name, const char *value)
{
    struct http_header_line *line = &answer->headers[answer->header_count];
    if (answer->header_count == HTTP_HEADERS_MAX || value[strcspn(value, "\r\n")] != '\0' ||
        !wg_copy(line->name, sizeof line->name, name) ||
        !wg_copy(line->value, sizeof line->value, value))
        return false;
    answer->header_count++;
    return true;
}

const char *http_answer_find(const struct http_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->header_count; i++)
        if (strcasecmp(answer->headers[i].name, name) == 0) return answer->headers[i].value;
    return NULL;
}

bool http_answer_redirect(struct http_answer *answer, const char *to, struct wg_error *err)
{
    answer->status = 303;
    if (to[strcspn(to, "\r\n")] == '\0' && wg_copy(answer->location, sizeof answer->location, to))
        return true;
    answer->location[0] = '\0';
    return wg_fail(err, WG_E_LIMIT, "the address to go to is too long, or has line breaks");
}

static int append(const char *data, size_t len, void *ctx)
{
    struct wg_buf *body = ctx;
    wg_buf_add(body, data, len);
    return body->failed ? -1 : 0;
}

bool http_answer_json(struct http_answer *answer, unsigned status, json_t *value,
                      struct wg_error *err)
{
    if (!value) return wg_fail_memory(err, "an answer");
    answer->status = status;
    (void)wg_copy(answer->type, sizeof answer->type, "application/json");
    bool ok = json_dump_callback(value, append, &answer->body, JSON_COMPACT) == 0;
    json_decref(value);
    wg_buf_char(&answer->body, '\n');
    return wg_buf_check(&answer->body, err, "an answer") &&
           (ok || wg_fail_memory(err, "an answer"));
}

const char *http_status_title(unsigned status)
{
    static const struct {
        unsigned status;
        const char *title;
    } titles[] = {{400, "the request is wrong"},
                  {401, "who are you?"},
                  {403, "not allowed"},
                  {404, "not found"},
                  {405, "not this method"},
                  {406, "not in this form"},
                  {408, "too slow"},
                  {409, "not in this state"},
                  {411, "how large is it?"},
                  {412, "changed meanwhile"},
                  {413, "too large"},
                  {414, "the address is too long"},
                  {415, "not this type of content"},
                  {422, "it has problems"},
                  {423, "locked"},
                  {428, "a condition is needed"},
                  {429, "too many requests"},
                  {431, "the headers are too large"},
                  {500, "something went wrong here"},
                  {501, "not known here"},
                  {503, "come again later"},
                  {504, "it took too long"},
                  {507, "no room for it"}};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].status == status) return titles[i].title;
    return "refused";
}

void http_answer_problem(struct http_answer *answer, unsigned status, const char *code,
                         const char *detail, json_t *members)
{
    static const char last_words[] = "{\"status\":500,\"title\":\"out of memory\"}\n";
    struct wg_error err = {0};
    char type[sizeof CODE_PREFIX + 40];
    http_answer_reset(answer);
    (void)wg_format(type, sizeof type, CODE_PREFIX "%.40s", code);
    json_t *problem =
        json_pack("{s:s,s:s,s:i,s:s,s:s}", "type", type, "title", http_status_title(status),
                  "status", (int)status, "code", code, "detail", detail);
    if (problem && members) (void)json_object_update(problem, members);
    if (!http_answer_json(answer, status, problem, &err)) {
        http_answer_reset(answer);
        answer->status = 500;
        wg_buf_text(&answer->body, last_words);
    }
    (void)wg_copy(answer->type, sizeof answer->type, "application/problem+json");
}
