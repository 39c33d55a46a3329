/*
 * Waiting for a lock on a thread of its own, asleep in the kernel's queue.
 *
 * Invariant: a wait ends granted, or with the lock given back. A cancelled thread is signalled until it answers,
 * because a signal that lands between its look at `cancelled` and its flock() is lost. It works on a duplicate of
 * the caller's descriptor, so it can never touch a file that was opened later under the same number.
 * Everything in a group is guarded by the group's mutex. A thread handle is used only while its wait is unfinished.
 */
#include "flockwork.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { STACK_BYTES = 128 * 1024, RESEND_MS = 1, CLOSE_MS = 250 };
static const double LONGEST_WAIT_MS = 1e12;

struct fw_group {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  fw_wait *first;
  uint32_t last_id;
  int references;
  bool closing;
};

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Sleeps until the group changes or `ms` passed, on the monotonic clock. */
static void await_change(fw_group *group, double ms) {
  struct timespec until;
  if (ms > LONGEST_WAIT_MS) {
    pthread_cond_wait(&group->changed, &group->mutex);
    return;
  }
#ifdef __APPLE__
  until.tv_sec = (time_t)(ms / 1e3);
  until.tv_nsec = (long)(fmod(ms, 1e3) * 1e6);
  pthread_cond_timedwait_relative_np(&group->changed, &group->mutex, &until);
#else
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += (time_t)(ms / 1e3);
  until.tv_nsec += (long)(fmod(ms, 1e3) * 1e6);
  if (until.tv_nsec >= 1000000000L) {
    until.tv_sec += 1;
    until.tv_nsec -= 1000000000L;
  }
  pthread_cond_timedwait(&group->changed, &group->mutex, &until);
#endif
}

fw_group *fw_group_open(void) {
  fw_group *group = calloc(1, sizeof *group);
  if (group == NULL) return NULL;
  pthread_mutex_init(&group->mutex, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
#ifndef __APPLE__
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
  pthread_cond_init(&group->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  group->references = 1;
  return group;
}

/* Call with the group locked; unlocks it. */
static void unlock_and_release(fw_group *group) {
  group->references -= 1;
  bool unused = group->references == 0;
  pthread_mutex_unlock(&group->mutex);
  if (!unused) return;
  pthread_cond_destroy(&group->changed);
  pthread_mutex_destroy(&group->mutex);
  free(group);
}

void fw_group_release(fw_group *group) {
  pthread_mutex_lock(&group->mutex);
  unlock_and_release(group);
}

static void discard(fw_wait *wait) {
  if (wait->previous != NULL) wait->previous->next = wait->next;
  else wait->group->first = wait->next;
  if (wait->next != NULL) wait->next->previous = wait->previous;
  close(wait->fd);
  free(wait);
}

static void *sleep_in_flock(void *argument) {
  fw_wait *wait = argument;
  fw_group *group = wait->group;
  int result = FW_CANCELLED;

  pthread_mutex_lock(&group->mutex);
  while (!wait->cancelled) {
    pthread_mutex_unlock(&group->mutex);
    result = flock(wait->fd, fw_flock_operation(wait->exclusive)) == 0 ? FW_GRANTED : -errno;
    pthread_mutex_lock(&group->mutex);
    if (result != -EINTR) break;
    result = FW_CANCELLED;
  }
  if (group->closing) result = FW_CANCELLED; /* nobody is left to hear of a grant */
  if (result != FW_GRANTED) fw_unlock(wait->fd);
  wait->result = result;
  wait->finished = true;
  if (group->closing) discard(wait);
  else if (wait->on_finished != NULL) wait->on_finished(wait, wait->context);
  pthread_cond_broadcast(&group->changed);
  unlock_and_release(group);
  return NULL;
}

/* Every signal is blocked in the new thread but the one that wakes it. */
static int start_thread(fw_wait *wait) {
  sigset_t blocked, previous;
  pthread_attr_t attributes;
  sigfillset(&blocked);
  sigdelset(&blocked, wait->signal_number);
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  int small = pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_sigmask(SIG_SETMASK, &blocked, &previous);
  int error = pthread_create(&wait->thread, &attributes, sleep_in_flock, wait);
  if (error == EINVAL && small == 0) { /* a program with much thread-local data needs a larger stack */
    pthread_attr_setstacksize(&attributes, 8 * 1024 * 1024);
    error = pthread_create(&wait->thread, &attributes, sleep_in_flock, wait);
  }
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  pthread_attr_destroy(&attributes);
  return -error;
}

int fw_wait_start(fw_group *group, int fd, bool exclusive, fw_on_finished on_finished, void *context,
                  void *callback, fw_wait **started) {
  int signal_number = fw_wake_signal();
  if (signal_number < 0) return signal_number;
  fw_wait *wait = calloc(1, sizeof *wait);
  if (wait == NULL) return -ENOMEM;
  wait->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (wait->fd < 0) {
    int error = errno;
    free(wait);
    return -error;
  }
  wait->group = group;
  wait->exclusive = exclusive;
  wait->signal_number = signal_number;
  wait->on_finished = on_finished;
  wait->context = context;
  wait->callback = callback;

  pthread_mutex_lock(&group->mutex);
  wait->id = group->last_id += 1;
  wait->next = group->first;
  if (group->first != NULL) group->first->previous = wait;
  group->first = wait;
  int error = start_thread(wait);
  if (error < 0) discard(wait);
  else {
    group->references += 1; /* the thread's */
    *started = wait;
  }
  pthread_mutex_unlock(&group->mutex);
  return error;
}

static void cancel_locked(fw_wait *wait) {
  wait->cancelled = true;
  fw_wake(wait->thread, wait->signal_number);
}

bool fw_wait_cancel(fw_group *group, uint32_t id) {
  bool ended = true;
  pthread_mutex_lock(&group->mutex);
  for (fw_wait *wait = group->first; wait != NULL; wait = wait->next) {
    if (wait->id != id || wait->finished) continue;
    cancel_locked(wait);
    ended = false;
    break;
  }
  pthread_mutex_unlock(&group->mutex);
  return ended;
}

int fw_wait_collect(fw_wait *wait) {
  fw_group *group = wait->group;
  pthread_mutex_lock(&group->mutex);
  int result = wait->result;
  discard(wait);
  pthread_mutex_unlock(&group->mutex);
  return result;
}

int fw_wait_blocking(fw_group *group, int fd, bool exclusive, double timeout_ms) {
  double deadline = now_ms() + timeout_ms;
  int result = fw_try_lock(fd, exclusive);
  if (result != FW_BUSY || timeout_ms <= 0) return result;
  fw_wait *wait = NULL;
  int error = fw_wait_start(group, fd, exclusive, NULL, NULL, NULL, &wait);
  if (error < 0) return error;
  pthread_mutex_lock(&group->mutex);
  while (!wait->finished) {
    double left = deadline - now_ms();
    if (left <= 0) cancel_locked(wait);
    await_change(group, left <= 0 ? RESEND_MS : left);
  }
  pthread_mutex_unlock(&group->mutex);
  return fw_wait_collect(wait);
}

void fw_group_close(fw_group *group, void (*on_dropped)(fw_wait *wait, void *context), void *context) {
  pthread_mutex_lock(&group->mutex);
  group->closing = true;
  for (fw_wait *wait = group->first, *next; wait != NULL; wait = next) {
    next = wait->next;
    on_dropped(wait, context);
    if (!wait->finished) continue;
    if (wait->result == FW_GRANTED) fw_unlock(wait->fd); /* granted, but never told */
    discard(wait);
  }
  for (double deadline = now_ms() + CLOSE_MS; group->first != NULL && now_ms() < deadline;) {
    for (fw_wait *wait = group->first; wait != NULL; wait = wait->next) cancel_locked(wait);
    await_change(group, RESEND_MS);
  }
  pthread_mutex_unlock(&group->mutex);
}
