/*
 * Wakes a thread that sleeps in flock(): a signal whose handler does nothing and lacks SA_RESTART makes flock()
 * return EINTR. A signal nobody uses is taken, and nobody's handler is ever replaced: the swap in claim() is
 * atomic, so two copies of this library in one process end up with a signal each.
 *
 * Linux: a real-time signal, from the top down (runtimes that use them count from the bottom up).
 * macOS has none, so SIGURG (ignored by default), SIGIO or SIGUSR2, whichever is unused.
 */
#include "flockwork.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static void on_wake(int signal_number) { (void)signal_number; }

static bool is_function(const struct sigaction *action) {
  return (action->sa_flags & SA_SIGINFO) != 0 ||
         (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN);
}

static bool is_ours(const struct sigaction *action) {
  return (action->sa_flags & SA_SIGINFO) == 0 && action->sa_handler == on_wake;
}

/* True when the signal now runs on_wake and did not run anybody else's handler. */
static bool claim(int signal_number) {
  struct sigaction current, previous, ours;
  if (sigaction(signal_number, NULL, &current) != 0) return false;
  if (is_ours(&current)) return true;
  if (is_function(&current)) return false;
  memset(&ours, 0, sizeof ours);
  ours.sa_handler = on_wake;
  sigfillset(&ours.sa_mask);
  if (sigaction(signal_number, &ours, &previous) != 0) return false;
  if (!is_function(&previous) || is_ours(&previous)) return true;
  sigaction(signal_number, &previous, NULL); /* somebody came between the look and the swap */
  return false;
}

static pthread_mutex_t choice = PTHREAD_MUTEX_INITIALIZER;
static int chosen;

/* The signal to use for a new wait, or a negated errno when every candidate is taken. */
int fw_wake_signal(void) {
  int found = -ENOTSUP;
  pthread_mutex_lock(&choice);
  if (chosen != 0 && claim(chosen)) {
    found = chosen;
  } else {
#ifdef SIGRTMIN
    for (int candidate = SIGRTMAX - 1; candidate >= SIGRTMIN && found < 0; candidate -= 1) {
      if (claim(candidate)) found = candidate;
    }
#else
    const int candidates[] = {SIGURG, SIGIO, SIGUSR2};
    for (int index = 0; index < 3 && found < 0; index += 1) {
      if (claim(candidates[index])) found = candidates[index];
    }
#endif
    if (found > 0) chosen = found;
  }
  pthread_mutex_unlock(&choice);
  return found;
}

/* Sends the signal, unless somebody took it over since: their handler is not ours to run. */
void fw_wake(pthread_t thread, int signal_number) {
  if (claim(signal_number)) pthread_kill(thread, signal_number);
}
