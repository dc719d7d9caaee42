/* pager.c: a pager as a child that reads the text from a pipe. */
#include "orchestrator/cli/pager.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_FOUND 127 /* what sh says of a command that is not there */

static const char *pager_command(void)
{
    const char *own = getenv("WAVEGATE_PAGER"), *of_all = getenv("PAGER");
    if (own) return own;
    return of_all ? of_all : "less -FRX";
}

static void run(const char *command, const int ends[2])
{
    (void)dup2(ends[0], STDIN_FILENO);
    (void)close(ends[0]);
    (void)close(ends[1]);
    /* for a bare "less", as others have it: short text stays, colours are colours */
    (void)setenv("LESS", "FRX", 0);
    (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(NOT_FOUND);
}

/* Who leaves the pager early has seen enough. */
static void feed(int to, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(to, text, len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return;
        text += wrote;
        len -= (size_t)wrote;
    }
}

static bool wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return true;
    return !(WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND);
}

bool pager_show(const char *text, size_t len)
{
    const char *command = pager_command();
    int ends[2];
    if (!*command || strcmp(command, "cat") == 0 || pipe(ends) != 0) return false;
    pid_t child = fork();
    if (child == 0) run(command, ends);
    (void)close(ends[0]);
    if (child < 0) {
        (void)close(ends[1]);
        return false;
    }
    /* Ctrl-C is the pager's, and its end of the pipe may close */
    struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, pipe_broken;
    (void)sigaction(SIGINT, &ignore, &interrupt);
    (void)sigaction(SIGPIPE, &ignore, &pipe_broken);
    feed(ends[1], text, len);
    (void)close(ends[1]);
    bool shown = wait_for(child);
    (void)sigaction(SIGINT, &interrupt, NULL);
    (void)sigaction(SIGPIPE, &pipe_broken, NULL);
    return shown;
}
