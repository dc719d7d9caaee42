/* tamper.c: looks at the file that says so. */
#include "agent/posix/tamper.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void tamper_init(struct tamper *tamper, const char *file)
{
    *tamper = (struct tamper){.file = file};
}

/* A pipe does not make the agent wait. */
static void read_reason(const char *file, char out[WG_TAMPERED_MAX + 1])
{
    char line[WG_TAMPERED_MAX + 1] = "";
    int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    out[0] = '\0';
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return;
    ssize_t got = fd >= 0 ? read(fd, line, sizeof line - 1) : -1;
    if (fd >= 0) (void)close(fd);
    line[got > 0 ? got : 0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    (void)wg_copy(out, WG_TAMPERED_MAX + 1, line);
    if (out[0]) return;
    (void)wg_copy(out, WG_TAMPERED_MAX + 1,
                  got < 0 ? "its tamper file cannot be read" : "its tamper file is there");
}

bool tamper_look(struct tamper *tamper)
{
    char reason[WG_TAMPERED_MAX + 1];
    if (!tamper->file[0]) return false;
    read_reason(tamper->file, reason);
    if (strcmp(reason, tamper->reason) == 0) return false;
    (void)wg_copy(tamper->reason, sizeof tamper->reason, reason);
    return true;
}
