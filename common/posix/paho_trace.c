/* paho_trace.c: Paho's traces, not kept, its store of messages in files, never opened, and its
 * books of memory, not kept either.
 *
 * The traces would be 400 lines in 125 kB that fill while nothing happens, and the names of called
 * functions in 600 kB more, shown to nobody here: what goes wrong comes back from Paho's functions.
 * The books are a tree of all that is allocated, under one mutex of all threads, to say in traces
 * what was not freed.
 *
 * All that others call of its Log.c, StackTrace.c, MQTTPersistenceDefault.c and Heap.c is defined,
 * so the linker takes none of those objects. With a newer Paho that calls more of them it takes
 * one, and fails because the rest is defined twice. */
#include "common/posix/paho_trace.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

void paho_trace_none(void)
{
}

#pragma GCC visibility push(hidden)

int Log_initialize(const void *info);
int Log_initialize(const void *info)
{
    (void)info;
    return 0;
}

void Log_terminate(void);
void Log_terminate(void)
{
}

void Log_setTraceLevel(int level);
void Log_setTraceLevel(int level)
{
    (void)level;
}

void Log_setTraceCallback(void *callback);
void Log_setTraceCallback(void *callback)
{
    (void)callback;
}

void Log(int level, int number, const char *form, ...);
void Log(int level, int number, const char *form, ...)
{
    (void)level;
    (void)number;
    (void)form;
}

void Log_stackTrace(int level, int number, int thread, int depth, const char *name, int line,
                    const int *code);
void Log_stackTrace(int level, int number, int thread, int depth, const char *name, int line,
                    const int *code)
{
    (void)level;
    (void)number;
    (void)thread;
    (void)depth;
    (void)name;
    (void)line;
    (void)code;
}

void StackTrace_entry(const char *name, int line, int level);
void StackTrace_entry(const char *name, int line, int level)
{
    (void)name;
    (void)line;
    (void)level;
}

void StackTrace_exit(const char *name, int line, void *code, int level);
void StackTrace_exit(const char *name, int line, void *code, int level)
{
    (void)name;
    (void)line;
    (void)code;
    (void)level;
}

void StackTrace_printStack(FILE *file);
void StackTrace_printStack(FILE *file)
{
    (void)file;
}

char *StackTrace_get(unsigned long thread, const char *text, int size);
char *StackTrace_get(unsigned long thread, const char *text, int size)
{
    (void)thread;
    (void)text;
    (void)size;
    return NULL;
}

/* MQTTPersistenceDefault.c; mqtt.c asks for no persistence. */
#define NEVER(name)                                                                                \
    int name(void);                                                                                \
    int name(void)                                                                                 \
    {                                                                                              \
        return -2; /* MQTTCLIENT_PERSISTENCE_ERROR */                                              \
    }

NEVER(pstopen)
NEVER(pstclose)
NEVER(pstput)
NEVER(pstget)
NEVER(pstremove)
NEVER(pstkeys)
NEVER(pstclear)
NEVER(pstcontainskey)
NEVER(pstmkdir)

/* ---- Heap.c: the C library's own ---- */

int Heap_initialize(void);
int Heap_initialize(void)
{
    return 0;
}

void Heap_terminate(void);
void Heap_terminate(void)
{
}

void *mymalloc(const char *file, int line, size_t size);
void *mymalloc(const char *file, int line, size_t size)
{
    (void)file;
    (void)line;
    return malloc(size);
}

void *myrealloc(const char *file, int line, void *memory, size_t size);
void *myrealloc(const char *file, int line, void *memory, size_t size)
{
    (void)file;
    (void)line;
    return realloc(memory, size);
}

void myfree(const char *file, int line, void *memory);
void myfree(const char *file, int line, void *memory)
{
    (void)file;
    (void)line;
    free(memory);
}

#pragma GCC visibility pop
