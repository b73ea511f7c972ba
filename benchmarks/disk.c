/* A disk that fails on command, for one folder's database files: put in front of libc by LD_PRELOAD.
 *
 *   DISK_FOLDER  the folder; only its files called digest.db* are meant, without the index in shared memory and the lock
 *   DISK_KEPT    a folder that holds what a power cut would leave: a file there changes when it is synced, and then only
 *   DISK_FULL    while this file exists: every write fails with ENOSPC, and no space is free
 *   DISK_FAILS   while this file exists: every sync fails with EIO
 *   DISK_SYNCS   one line for every sync: its file's name, and "failed" where it failed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FILES 8
#define FDS 4096

struct range { off_t from, to; };
static struct file { char name[NAME_MAX + 1]; struct range *dirty; size_t count, room; } files[FILES];
static int known[FDS]; /* 0 not looked at, -1 not ours, else 1 + the number of its file */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int is_on(const char *variable)
{
    const char *path = getenv(variable);
    return path && access(path, F_OK) == 0;
}

/* The number of the file with this path, or -1. */
static int file_at(const char *path)
{
    const char *folder = getenv("DISK_FOLDER");
    size_t length = folder ? strlen(folder) : 0;
    if (!length || strncmp(path, folder, length) || path[length] != '/')
        return -1;
    const char *name = path + length + 1;
    if (strchr(name, '/') || strncmp(name, "digest.db", 9) || strstr(name, "-shm") || strstr(name, ".lock"))
        return -1;
    for (int n = 0; n < FILES; n++) {
        if (!files[n].name[0])
            snprintf(files[n].name, sizeof files[n].name, "%s", name);
        if (!strcmp(files[n].name, name))
            return n;
    }
    return -1;
}

static int file_of(int fd)
{
    if (fd < 0 || fd >= FDS)
        return -1;
    if (!known[fd]) {
        char link[64], path[PATH_MAX];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, path, sizeof path - 1);
        path[length > 0 ? length : 0] = 0;
        int number = file_at(path);
        known[fd] = number < 0 ? -1 : number + 1;
    }
    return known[fd] < 0 ? -1 : known[fd] - 1;
}

static void mark(struct file *file, off_t from, off_t to)
{
    struct range *last = file->count ? &file->dirty[file->count - 1] : NULL;
    if (last && from <= last->to && to >= last->from) {
        last->from = from < last->from ? from : last->from;
        last->to = to > last->to ? to : last->to;
        return;
    }
    if (file->count == file->room) {
        file->room = file->room ? 2 * file->room : 64;
        file->dirty = realloc(file->dirty, file->room * sizeof *file->dirty);
        if (!file->dirty)
            abort();
    }
    file->dirty[file->count++] = (struct range){ from, to };
}

/* What is dirty goes into the kept copy. */
static void keep(int fd, struct file *file)
{
    const char *folder = getenv("DISK_KEPT");
    char path[PATH_MAX], bytes[65536];
    struct stat now;
    if (folder && !fstat(fd, &now)) {
        snprintf(path, sizeof path, "%s/%s", folder, file->name);
        int kept = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (kept < 0)
            abort();
        for (size_t n = 0; n < file->count; n++)
            for (off_t at = file->dirty[n].from; at < file->dirty[n].to;) {
                size_t wanted = file->dirty[n].to - at;
                ssize_t got = pread(fd, bytes, wanted < sizeof bytes ? wanted : sizeof bytes, at);
                if (got <= 0)
                    break;
                if (REAL(pwrite)(kept, bytes, got, at) != got)
                    abort();
                at += got;
            }
        if (REAL(ftruncate)(kept, now.st_size))
            abort();
        REAL(close)(kept);
    }
    file->count = 0;
}

static ssize_t put(int fd, const void *data, size_t count, off_t at)
{
    pthread_mutex_lock(&mutex);
    int number = file_of(fd);
    int full = number >= 0 && is_on("DISK_FULL");
    ssize_t written = full ? -1 : REAL(pwrite)(fd, data, count, at);
    if (number >= 0 && written > 0)
        mark(&files[number], at, at + written);
    pthread_mutex_unlock(&mutex);
    if (full)
        errno = ENOSPC;
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at) { return put(fd, data, count, at); }
ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at) { return put(fd, data, count, at); }

static int synced(int fd, int (*sync)(int))
{
    pthread_mutex_lock(&mutex);
    int number = file_of(fd);
    int fails = number >= 0 && is_on("DISK_FAILS");
    const char *log = getenv("DISK_SYNCS");
    if (number >= 0 && log) {
        char line[NAME_MAX + 16];
        int length = snprintf(line, sizeof line, "%s%s\n", files[number].name, fails ? " failed" : "");
        int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (out < 0 || write(out, line, length) != length)
            abort();
        REAL(close)(out);
    }
    if (number >= 0 && !fails)
        keep(fd, &files[number]);
    pthread_mutex_unlock(&mutex);
    if (!fails)
        return sync(fd);
    errno = EIO;
    return -1;
}

int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

int close(int fd)
{
    if (fd >= 0 && fd < FDS)
        known[fd] = 0;
    return REAL(close)(fd);
}

int unlink(const char *path)
{
    pthread_mutex_lock(&mutex);
    int number = file_at(path);
    const char *folder = getenv("DISK_KEPT");
    if (number >= 0) {
        files[number].count = 0;
        if (folder) {
            char kept[PATH_MAX];
            snprintf(kept, sizeof kept, "%s/%s", folder, files[number].name);
            REAL(unlink)(kept);
        }
    }
    pthread_mutex_unlock(&mutex);
    return REAL(unlink)(path);
}

int statvfs(const char *path, struct statvfs *found)
{
    int result = REAL(statvfs)(path, found);
    if (!result && is_on("DISK_FULL"))
        found->f_bfree = found->f_bavail = 0;
    return result;
}
int statvfs64(const char *path, struct statvfs64 *found)
{
    int result = REAL(statvfs64)(path, found);
    if (!result && is_on("DISK_FULL"))
        found->f_bfree = found->f_bavail = 0;
    return result;
}
