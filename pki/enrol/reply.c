/* reply.c: status lines and headers. */
#include "pki/enrol/reply.h"

#include <inttypes.h>

static const struct {
    int status;
    const char *words;
} table[] = {{200, "OK"},
             {400, "Bad Request"},
             {403, "Forbidden"},
             {404, "Not Found"},
             {405, "Method Not Allowed"},
             {409, "Conflict"},
             {411, "Length Required"},
             {413, "Content Too Large"},
             {415, "Unsupported Media Type"},
             {417, "Expectation Failed"},
             {429, "Too Many Requests"},
             {431, "Request Header Fields Too Large"},
             {503, "Service Unavailable"},
             {505, "HTTP Version Not Supported"}};

static const char *words_of(int status)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].status == status) return table[i].words;
    return "Error";
}

void reply_init(struct reply *reply)
{
    *reply = (struct reply){.status = 0};
    wg_buf_init(&reply->body, WG_CLAIM_ANSWER_MAX);
}

void reply_clear(struct reply *reply)
{
    wg_buf_clear(&reply->body);
}

void reply_problem(struct reply *reply, int status, const char *detail)
{
    struct wg_problem problem = {.status = status};
    (void)wg_copy(problem.title, sizeof problem.title, words_of(status));
    (void)wg_copy(problem.detail, sizeof problem.detail, detail);
    wg_buf_clear(&reply->body);
    reply->status = status;
    if (!wg_problem_encode(&problem, &reply->body, NULL)) wg_buf_clear(&reply->body);
}

bool reply_write(const struct reply *reply, struct wg_buf *out, struct wg_error *err)
{
    wg_buf_printf(out, "HTTP/1.1 %d %s\r\nContent-Type: application/%s\r\nContent-Length: %zu\r\n",
                  reply->status, words_of(reply->status),
                  reply->status == 200 ? "json" : "problem+json", reply->body.len);
    wg_buf_text(out, "Cache-Control: no-store\r\nConnection: close\r\n");
    if (reply->status == 405) wg_buf_text(out, "Allow: POST\r\n");
    if (reply->retry > 0)
        wg_buf_printf(out, "Retry-After: %" PRId64 "\r\n",
                      (reply->retry + WG_SECOND - 1) / WG_SECOND);
    wg_buf_text(out, "\r\n");
    wg_buf_add(out, wg_buf_str(&reply->body), reply->body.len);
    return wg_buf_check(out, err, "an answer");
}
