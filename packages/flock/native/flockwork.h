/*
 * The parts of the addon. Everything but addon.c is plain C that knows nothing of JavaScript.
 * Results are numbers: zero or more says what happened, less than zero is a negated errno.
 */
#ifndef FLOCKWORK_H
#define FLOCKWORK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define _FILE_OFFSET_BITS 64

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* lock.c: one attempt, one release. FW_BUSY when somebody else holds the lock. */
enum { FW_BUSY = 0, FW_GRANTED = 1, FW_CANCELLED = 0 };
/* What came of a wait that checks its grant, and found flaws: their bits, above those of the answers before. */
enum { FW_FLAWS_SHIFT = 1 };
int fw_flock_operation(bool exclusive);
int fw_try_lock(int fd, bool exclusive);
int fw_unlock(int fd);
bool fw_has_ofd(void);
int fw_ofd_try_lock(int fd, bool exclusive);
int fw_ofd_unlock(int fd);

/* check-grant.c: the bits of GrantCheck in src/grant-check.ts. */
enum {
  FW_LOCK_REPLACED = 1,
  FW_DATA_IS_SYMLINK = 2,
  FW_DATA_HAS_HARD_LINKS = 4,
  FW_LOCK_NOT_REGULAR = 8,
  FW_LOCK_FOREIGN_OWNER = 16,
  FW_HELD_BY_OTHERS = 32
};
int fw_check_grant(int fd, const char *lock_path, const char *data_path);

/* prepared.c: a descriptor that is locked and checked many times. Which file it is never changes while it is open. */
typedef struct {
  dev_t dev;
  ino_t ino;
  int fd, ignored_flaws;
  const char *lock_path, *data_path;
  char paths[];
} fw_prepared;
/* 0, with a copy of the paths in *prepared that free() ends; or a negated errno. */
int fw_prepare(int fd, const char *lock_path, const char *data_path, int ignored_flaws, fw_prepared **prepared);
/* The same for another descriptor of the same file. NULL when memory is short. */
fw_prepared *fw_copy_prepared(const fw_prepared *prepared, int fd);
/* 0 when the lock is held. Else it is not: the flaws, FW_HELD_BY_OTHERS, both, or a negated errno. */
int fw_attempt(const fw_prepared *prepared, bool exclusive);
/* What of a grant: 0, or flaws that are not ignored, or a negated errno. Asks the descriptor nothing that is known. */
int fw_check_prepared(const fw_prepared *prepared);

/* open-locked.c: a descriptor, locked and sound; else a negated errno, and nothing is held or open. */
int fw_open_locked(const char *lock_path, int file_mode, bool exclusive, const char *data_path, int ignored_flaws);
/* Unlocks and closes. Closed, and so without the lock here, whatever it answers. */
int fw_close_locked(int fd);

/* wake-signal.c: how a thread that sleeps in flock() is made to return EINTR. */
int fw_wake_signal(void);
void fw_wake(pthread_t thread, int signal_number);

/* wait.c: threads that sleep in flock(). */
typedef struct fw_group fw_group;
typedef struct fw_wait fw_wait;

/* Called on the waiting thread, with the group locked, once the wait is over. Must not block. */
typedef void (*fw_on_finished)(fw_wait *wait, void *context);

struct fw_wait {
  fw_wait *next, *previous;
  fw_group *group;
  pthread_t thread;
  uint32_t id;
  fw_prepared *prepared; /* a copy of what the grant is checked against; NULL for no check */
  int fd; /* a duplicate of the caller's descriptor: same lock, but nobody can close it under us */
  bool exclusive, cancelled, finished;
  int signal_number, result;
  fw_on_finished on_finished;
  void *context;
  void *callback; /* for addon.c */
};

/* The waits of one JavaScript environment. Shared by that environment and its threads; the last one frees it. */
fw_group *fw_group_open(void);
void fw_group_release(fw_group *group);
/* Cancels every wait and gives their threads a bounded time to end. on_dropped runs for each, on this thread. */
void fw_group_close(fw_group *group, void (*on_dropped)(fw_wait *wait, void *context), void *context);

/*
 * Starts a wait; *started is set on success (0). With something prepared, the grant is checked on the waiting thread
 * and given back there when it is flawed.
 */
int fw_wait_start(fw_group *group, int fd, const fw_prepared *prepared, bool exclusive, fw_on_finished on_finished,
                  void *context, void *callback, fw_wait **started);
/* True when the wait has ended or is unknown; false when cancel must be asked again a little later. */
bool fw_wait_cancel(fw_group *group, uint32_t id);
/* Cancels and returns once the thread has answered: what came of the wait, or -ENOENT when it was collected before. */
int fw_wait_cancel_now(fw_group *group, uint32_t id);
/* Takes a finished wait out of its group, frees it, and says what came of it. */
int fw_wait_collect(fw_wait *wait);
/* Blocks the calling thread until granted or timed out. 0 tries once; INFINITY waits without bound. */
int fw_wait_blocking(fw_group *group, int fd, bool exclusive, double timeout_ms);

#endif
