/* child.h: a Python program of a test's own that prints its port and runs until it is stopped. */
#ifndef WG_TESTS_LIVE_CHILD_H
#define WG_TESTS_LIVE_CHILD_H

#include "tests/unit/harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its whole path also as its name: by that it finds its own library. */
#define PYTHON "/usr/bin/python3"

struct child {
    pid_t pid;
    int port;
};

/* arguments: after the program's name; NULL ends them. */
static inline void child_start(struct child *child, const char *program,
                               const char *const *arguments)
{
    char *argv[12] = {(char *)(uintptr_t)PYTHON, (char *)(uintptr_t) "-B",
                      (char *)(uintptr_t)program};
    char line[32] = "";
    int ends[2];
    for (size_t i = 0; arguments[i] && i < 8; i++) argv[3 + i] = (char *)(uintptr_t)arguments[i];
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    child->pid = fork();
    CU_ASSERT_TRUE_FATAL(child->pid >= 0);
    if (child->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(ends[1], STDOUT_FILENO) >= 0) (void)execv(PYTHON, argv);
        _exit(127);
    }
    (void)close(ends[1]);
    for (size_t len = 0; len < sizeof line - 1 && !strchr(line, '\n');) {
        ssize_t got = read(ends[0], line + len, sizeof line - 1 - len);
        if (got <= 0) break;
        len += (size_t)got;
    }
    (void)close(ends[0]);
    child->port = (int)strtol(line, NULL, 10);
    CU_ASSERT_TRUE_FATAL(child->port > 0);
}

static inline void child_stop(struct child *child)
{
    if (child->pid <= 0) return; /* 0 would be ourselves */
    (void)kill(child->pid, SIGKILL);
    CU_ASSERT_EQUAL(waitpid(child->pid, NULL, 0), child->pid);
}

#endif
