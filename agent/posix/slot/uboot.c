/* uboot.c: U-Boot's environment, through fw_printenv and fw_setenv. */
#include "agent/posix/slot/uboot.h"

#include "agent/posix/slot/tool.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_MAX 65536
#define OUTPUT_MAX (1 << 20)
#define LIMIT (20 * WG_SECOND) /* both wait for each other's lock, without a limit of their own */

struct uboot {
    struct boot boot;
    char config[PATH_MAX], folders[PATH_MAX];
};

/* Lines that are neither empty nor a comment. */
static int count_copies(const char *text)
{
    int count = 0;
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n"), blank = strspn(line, " \t");
        if (blank < len && line[blank] != '#') count++;
        line += len + (line[len] == '\n');
    }
    return count;
}

static bool check_config(const struct uboot *uboot, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, CONFIG_MAX);
    bool ok = wg_file_read(uboot->config, &text, err);
    int copies = ok ? count_copies(wg_buf_str(&text)) : 0;
    wg_buf_clear(&text);
    return ok && (copies == 2 ||
                  wg_fail(err, WG_E_BAD_FILE,
                          "%s: expected the two copies of a redundant environment, found %d",
                          uboot->config, copies));
}

static bool run(const struct uboot *uboot, const char *const *words, struct wg_buf *out,
                struct wg_error *err)
{
    char *argv[8];
    size_t count = 0;
    for (; words[count]; count++) argv[count] = (char *)(uintptr_t)words[count];
    argv[count] = NULL;
    const struct tool tool = {.folders = uboot->folders, .argv = argv, .limit = LIMIT};
    return tool_run(&tool, out, err) || wg_context(err, "boot environment of %s", uboot->config);
}

/* All of it is asked for: of one variable the programs do not tell unset from failed. */
static bool get(struct boot *boot, const char *name, char out[BOOT_VALUE_MAX], struct wg_error *err)
{
    const struct uboot *uboot = (struct uboot *)boot;
    const char *const words[] = {"fw_printenv", "-c", uboot->config, NULL};
    struct wg_buf text;
    size_t len = strlen(name);
    out[0] = '\0';
    wg_buf_init(&text, OUTPUT_MAX);
    bool ok = run(uboot, words, &text, err);
    for (const char *line = ok ? wg_buf_str(&text) : ""; *line;) {
        size_t size = strcspn(line, "\n");
        if (size > len && strncmp(line, name, len) == 0 && line[len] == '=') {
            size_t value = size - len - 1;
            if (value >= BOOT_VALUE_MAX) value = BOOT_VALUE_MAX - 1;
            memcpy(out, line + len + 1, value);
            out[value] = '\0';
        }
        line += size + (line[size] == '\n');
    }
    wg_buf_clear(&text);
    return ok;
}

static bool set(struct boot *boot, const char *name, const char *value, struct wg_error *err)
{
    const struct uboot *uboot = (struct uboot *)boot;
    const char *const words[] = {"fw_setenv", "-c", uboot->config, name, value, NULL};
    char found[BOOT_VALUE_MAX];
    struct wg_buf text;
    wg_buf_init(&text, OUTPUT_MAX);
    bool ok = run(uboot, words, &text, err);
    wg_buf_clear(&text);
    /* its exit code has not always told of a write that failed */
    return ok && get(boot, name, found, err) &&
           (strcmp(found, value) == 0 ||
            wg_fail(err, WG_E_IO, "boot environment of %s: %s is \"%s\" after setting it to \"%s\"",
                    uboot->config, name, found, value));
}

static void free_uboot(struct boot *boot)
{
    free(boot);
}

static const struct boot_ops ops = {.get = get, .set = set, .free = free_uboot};

struct boot *uboot_new(const char *config, const char *folders, struct wg_error *err)
{
    struct uboot *uboot = calloc(1, sizeof *uboot);
    if (!uboot) {
        (void)wg_fail_memory(err, "the boot environment");
        return NULL;
    }
    uboot->boot.ops = &ops;
    bool ok = (wg_copy(uboot->config, sizeof uboot->config, config) &&
               wg_copy(uboot->folders, sizeof uboot->folders, folders ? folders : "")) ||
              wg_fail(err, WG_E_LIMIT, "the path of the boot environment is too long");
    if (ok && check_config(uboot, err)) return &uboot->boot;
    free(uboot);
    return NULL;
}
