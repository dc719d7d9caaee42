/* signer_settings.c: reads the configuration file; every key known, every problem told at its
 * place. */
#include "orchestrator/signer/signer_settings.h"

#include "common/posix/file.h"
#include "common/posix/place.h"
#include "common/text.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES ((size_t)64 * 1024)

struct reader {
    struct yaml_doc doc;
    struct signer_settings *out;
    char folder[PATH_MAX];
    bool check, starting; /* what the file names is looked at too */
};

static void read_path(struct reader *reader, const struct yaml_value *map, const char *key,
                      char *out)
{
    const struct yaml_value *at = yaml_get(map, key);
    char given[PATH_MAX] = "";
    if (!at) {
        yaml_doc_problem(&reader->doc, map, "%s is missing", key);
        return;
    }
    if (!yaml_read_text(&reader->doc, at, key, given, sizeof given)) return;
    struct wg_error problem = {0};
    if (wg_place(reader->folder, given, out, &problem)) return;
    yaml_doc_problem(&reader->doc, at, "%s: %s", key, problem.text);
}

static void check_file(struct reader *reader, const struct yaml_value *map, const char *key,
                       const char *path, enum wg_place_kind kind)
{
    struct wg_error problem = {0};
    if (reader->check && !wg_place_check(path, kind, reader->starting, &problem))
        yaml_doc_problem(&reader->doc, yaml_get(map, key), "%s: %s", key, problem.text);
}

/* Its own folder and socket it makes itself. */
static void check_files(struct reader *reader)
{
    const struct signer_settings *out = reader->out;
    const struct yaml_value *root = reader->doc.root, *repository = yaml_get(root, "repository");
    check_file(reader, root, "director", out->director, WG_PLACE_SECRET);
    check_file(reader, root, "director_secret", out->director_secret, WG_PLACE_SECRET);
    check_file(reader, root, "enrolment", out->enrolment, WG_PLACE_PEM);
    check_file(reader, repository, "folder", out->repository, WG_PLACE_FOLDER);
    check_file(reader, repository, "root", out->root, WG_PLACE_FILE);
    check_file(reader, repository, "keep_secret", out->keep_secret, WG_PLACE_SECRET);
}

static void read_repository(struct reader *reader, const struct yaml_value *root)
{
    static const char *const known[] = {"folder", "root", "keep", "keep_secret", NULL};
    const struct yaml_value *at = yaml_get(root, "repository");
    if (!at || at->kind != YAML_MAP) {
        yaml_doc_problem(&reader->doc, at ? at : root,
                         "repository: expected a map with folder and root");
        return;
    }
    yaml_check_keys(&reader->doc, at, "repository", known);
    read_path(reader, at, "folder", reader->out->repository);
    read_path(reader, at, "root", reader->out->root);
    yaml_read_duration(&reader->doc, yaml_get(at, "keep"), "keep", WG_SECOND, WG_DAY,
                       &reader->out->keep);
    if (yaml_get(at, "keep_secret")) read_path(reader, at, "keep_secret", reader->out->keep_secret);
}

static void read_root(struct reader *reader)
{
    static const char *const known[] = {"socket",          "director", "repository", "state",
                                        "refresh",         "lifetime", "log",        "enrolment",
                                        "director_secret", NULL};
    const struct yaml_value *root = reader->doc.root;
    struct signer_settings *out = reader->out;
    char level[16] = "info";
    if (root->kind != YAML_MAP) {
        yaml_doc_problem(&reader->doc, root, "expected a map of keys and values");
        return;
    }
    yaml_check_keys(&reader->doc, root, "configuration", known);
    read_path(reader, root, "socket", out->socket);
    read_path(reader, root, "director", out->director);
    read_path(reader, root, "state", out->state);
    if (yaml_get(root, "director_secret"))
        read_path(reader, root, "director_secret", out->director_secret);
    if (yaml_get(root, "enrolment")) read_path(reader, root, "enrolment", out->enrolment);
    read_repository(reader, root);
    yaml_read_duration(&reader->doc, yaml_get(root, "refresh"), "refresh", WG_SECOND, WG_DAY,
                       &out->refresh);
    yaml_read_duration(&reader->doc, yaml_get(root, "lifetime"), "lifetime", WG_MINUTE, 30 * WG_DAY,
                       &out->lifetime);
    const struct yaml_value *log = yaml_get(root, "log");
    if (yaml_read_text(&reader->doc, log, "log", level, sizeof level) &&
        !wg_log_level_parse(level, &out->log))
        yaml_doc_problem(&reader->doc, log,
                         "log: expected error, warn, info or debug, and json or journal");
}

static bool load(struct reader *reader, const char *file, struct wg_error *err)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, FILE_MAX_BYTES);
    bool ok = wg_file_read(file, &bytes, err) &&
              yaml_doc_parse(&reader->doc, file, wg_buf_str(&bytes), bytes.len, err);
    wg_buf_clear(&bytes);
    if (ok) {
        read_root(reader);
        check_files(reader);
        ok = reader->doc.problem_count == 0 || yaml_doc_fail(&reader->doc, err);
    }
    yaml_doc_clear(&reader->doc);
    return ok;
}

static bool load_for(struct signer_settings *out, const char *file, bool check, bool starting,
                     struct wg_error *err)
{
    char real[PATH_MAX];
    *out = (struct signer_settings){
        .refresh = 30 * WG_SECOND, .lifetime = 7 * WG_DAY, .log = WG_LOG_INFO};
    if (!realpath(file, real)) return wg_fail_errno(err, "configuration file %s", file);
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader) return wg_fail_memory(err, "reading the configuration");
    reader->out = out;
    reader->check = check;
    reader->starting = starting;
    (void)wg_copy(reader->folder, sizeof reader->folder, real);
    char *slash = strrchr(reader->folder, '/');
    if (slash) *slash = '\0';
    bool ok = load(reader, file, err);
    free(reader);
    return ok;
}

bool signer_settings_load(struct signer_settings *out, const char *file, struct wg_error *err)
{
    return load_for(out, file, false, false, err);
}

bool signer_settings_check(struct signer_settings *out, const char *file, bool starting,
                           struct wg_error *err)
{
    return load_for(out, file, true, starting, err);
}
