/*
 * Waiting for a lock on a thread of its own, asleep in the kernel's queue.
 *
 * Invariant: a wait ends granted, or with the lock given back. A cancelled thread is signalled until it answers,
 * because a signal that lands between its look at `cancelled` and its flock() is lost. It works on a duplicate of
 * the caller's descriptor, so it can never touch a file that was opened later under the same number.
 * Everything in a group is guarded by the group's mutex. A thread handle is used only while its wait is unfinished.
 */
#include "group.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { STACK_BYTES = 128 * 1024, LARGE_STACK_BYTES = 8 * 1024 * 1024 };

/* What of the lock that was just granted. When it is not FW_GRANTED, the lock must be given back. */
static int judge_grant(const fw_wait *wait) {
  if (wait->prepared == NULL) return FW_GRANTED;
  int found = fw_check_prepared(wait->prepared);
  if (found < 0) return found;
  return found == 0 ? FW_GRANTED : found << FW_FLAWS_SHIFT;
}

static void *sleep_in_flock(void *argument) {
  fw_wait *wait = argument;
  fw_group *group = wait->group;
  int result = FW_CANCELLED;

  pthread_mutex_lock(&group->mutex);
  while (!wait->cancelled) {
    pthread_mutex_unlock(&group->mutex);
    result = flock(wait->fd, fw_flock_operation(wait->exclusive)) == 0 ? judge_grant(wait) : -errno;
    pthread_mutex_lock(&group->mutex);
    if (result != -EINTR) break;
    result = FW_CANCELLED;
  }
  if (group->closing) result = FW_CANCELLED; /* nobody is left to hear of a grant */
  if (result != FW_GRANTED) fw_unlock(wait->fd);
  wait->result = result;
  wait->finished = true;
  if (group->closing) fw_wait_discard(wait);
  else if (wait->on_finished != NULL) wait->on_finished(wait, wait->context);
  pthread_cond_broadcast(&group->changed);
  fw_group_unlock_and_release(group);
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
    pthread_attr_setstacksize(&attributes, LARGE_STACK_BYTES);
    error = pthread_create(&wait->thread, &attributes, sleep_in_flock, wait);
  }
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  pthread_attr_destroy(&attributes);
  return -error;
}

int fw_wait_start(fw_group *group, int fd, const fw_prepared *prepared, bool exclusive, fw_on_finished on_finished,
                  void *context, void *callback, fw_wait **started) {
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
  if (prepared != NULL && (wait->prepared = fw_copy_prepared(prepared, wait->fd)) == NULL) {
    close(wait->fd);
    free(wait);
    return -ENOMEM;
  }
  wait->group = group;
  wait->exclusive = exclusive;
  wait->signal_number = signal_number;
  wait->on_finished = on_finished;
  wait->context = context;
  wait->callback = callback;

  pthread_mutex_lock(&group->mutex);
  wait->id = group->last_id = group->last_id % INT32_MAX + 1;
  wait->next = group->first;
  if (group->first != NULL) group->first->previous = wait;
  group->first = wait;
  int error = start_thread(wait);
  if (error < 0) fw_wait_discard(wait);
  else {
    group->references += 1; /* the thread's */
    *started = wait;
  }
  pthread_mutex_unlock(&group->mutex);
  return error;
}

void fw_wait_cancel_locked(fw_wait *wait) {
  wait->cancelled = true;
  fw_wake(wait->thread, wait->signal_number);
}

bool fw_wait_cancel(fw_group *group, uint32_t id) {
  bool ended = true;
  pthread_mutex_lock(&group->mutex);
  for (fw_wait *wait = group->first; wait != NULL; wait = wait->next) {
    if (wait->id != id || wait->finished) continue;
    fw_wait_cancel_locked(wait);
    ended = false;
    break;
  }
  pthread_mutex_unlock(&group->mutex);
  return ended;
}

int fw_wait_cancel_now(fw_group *group, uint32_t id) {
  int result = -ENOENT;
  pthread_mutex_lock(&group->mutex);
  for (fw_wait *wait = group->first; wait != NULL; wait = wait->next) {
    if (wait->id != id) continue;
    while (!wait->finished) {
      fw_wait_cancel_locked(wait);
      fw_group_await_change(group, FW_RESEND_MS);
    }
    result = wait->result;
    break;
  }
  pthread_mutex_unlock(&group->mutex);
  return result;
}

int fw_wait_collect(fw_wait *wait) {
  fw_group *group = wait->group;
  pthread_mutex_lock(&group->mutex);
  int result = wait->result;
  fw_wait_discard(wait);
  pthread_mutex_unlock(&group->mutex);
  return result;
}

int fw_wait_blocking(fw_group *group, int fd, bool exclusive, double timeout_ms) {
  double deadline = fw_now_ms() + timeout_ms;
  int result = fw_try_lock(fd, exclusive);
  if (result != FW_BUSY || timeout_ms <= 0) return result;
  fw_wait *wait = NULL;
  int error = fw_wait_start(group, fd, NULL, exclusive, NULL, NULL, NULL, &wait);
  if (error < 0) return error;
  pthread_mutex_lock(&group->mutex);
  while (!wait->finished) {
    double left = deadline - fw_now_ms();
    if (left <= 0) fw_wait_cancel_locked(wait);
    fw_group_await_change(group, left <= 0 ? FW_RESEND_MS : left);
  }
  pthread_mutex_unlock(&group->mutex);
  return fw_wait_collect(wait);
}
