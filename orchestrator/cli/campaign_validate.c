/* campaign_validate.c: `campaign validate FILE...` */
#include "orchestrator/cli/campaign_file.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/yaml/yaml_glyph.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What has been found in all files so far. */
struct findings {
    size_t files, problems;
    enum wg_error_code code; /* WG_OK: all are valid */
    bool colour;             /* on standard error */
    json_t *list;            /* NULL: for people */
};

/* A bad file outweighs one that could not be read. */
static void count(struct findings *findings, size_t problems, enum wg_error_code code)
{
    findings->problems += problems;
    if (findings->code != WG_E_BAD_FILE) findings->code = code;
}

static bool tell_problems(struct findings *findings, const struct yaml_doc *doc,
                          struct wg_error *err)
{
    struct wg_buf text;
    count(findings, doc->problem_count, WG_E_BAD_FILE);
    if (findings->list)
        return yaml_doc_report_json(doc, findings->list) || wg_fail_memory(err, "the report");
    wg_buf_init(&text, YAML_DOC_REPORT_MAX);
    yaml_doc_report(doc, findings->colour, &text);
    (void)fputs(wg_buf_str(&text), stderr);
    bool ok = wg_buf_check(&text, err, "the report");
    wg_buf_clear(&text);
    return ok;
}

/* The file could not be read as a whole: there is no line to show. */
static bool tell_failure(struct findings *findings, const char *file,
                         const struct wg_error *problem, struct wg_error *err)
{
    char text[WG_ERROR_TEXT_MAX];
    size_t len = strlen(file);
    count(findings, 1, problem->code);
    yaml_copy_printable(text, sizeof text, problem->text);
    /* the file's name stands in front already */
    if (strncmp(text, file, len) == 0 && strncmp(text + len, ": ", 2) == 0)
        memmove(text, text + len + 2, strlen(text + len + 2) + 1);
    if (!findings->list) {
        (void)fprintf(stderr, "%s: error: %s\n", file, text);
        return true;
    }
    json_t *object = json_pack("{s:s,s:n,s:n,s:s,s:n,s:n}", "file", file, "line", "column", "error",
                               text, "hint", "source");
    return json_array_append_new(findings->list, object) == 0 || wg_fail_memory(err, "the report");
}

static bool check(struct cli *cli, const char *file, struct findings *findings,
                  struct wg_error *err)
{
    char shown[PATH_MAX];
    struct yaml_doc doc = {0};
    struct wg_error problem = {0};
    struct campaign *campaign = campaign_file_check(file, &doc, &problem);
    bool ok = true;
    findings->files++;
    yaml_copy_printable(shown, sizeof shown, file);
    if (!campaign && doc.problem_count > 0) {
        ok = tell_problems(findings, &doc, err);
    } else if (!campaign) {
        ok = tell_failure(findings, shown, &problem, err);
    } else if (!findings->list) {
        screen_text(&cli->screen, "%s: valid\n", shown);
        ok = screen_flush(&cli->screen, err);
    }
    campaign_free(campaign);
    yaml_doc_clear(&doc);
    return ok;
}

static void tell_sum(const struct findings *findings)
{
    if (findings->problems > 0)
        (void)fprintf(stderr, "%zu %s, %zu %s\n", findings->files,
                      findings->files == 1 ? "file" : "files", findings->problems,
                      findings->problems == 1 ? "problem" : "problems");
}

bool campaign_validate_run(struct cli *cli, struct wg_error *err)
{
    struct findings findings = {.colour = screen_wants_colour(STDERR_FILENO)};
    bool ok = true;
    if (cli->screen.json && !(findings.list = json_array()))
        return wg_fail_memory(err, "the report");
    for (size_t i = 0; ok && i < cli->args->positional_count; i++)
        ok = check(cli, cli->args->positionals[i], &findings, err);
    if (ok && findings.list)
        ok = screen_json(json_incref(findings.list), err);
    else if (ok)
        tell_sum(&findings);
    json_decref(findings.list);
    /* all has been said: only the code is left */
    return ok && (findings.code == WG_OK || wg_fail(err, findings.code, "%s", ""));
}
