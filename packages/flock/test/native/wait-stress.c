/*
 * The threads of the addon without JavaScript, for ThreadSanitizer and AddressSanitizer: several environments wait
 * for the same locks, cancel, time out, and are closed with waits pending. Exits 1 on a ghost lock.
 *   wait-stress <directory> <rounds>
 */
#include "../../native/flockwork.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ENVIRONMENTS = 4, LOCKS = 3, WAITS = 6 };

static char paths[LOCKS][512];
static int rounds;

/* What announce() and settle() are in addon.c: finished waits travel from their thread to their owner. */
typedef struct {
  pthread_mutex_t mutex;
  pthread_cond_t arrived;
  fw_wait *finished[WAITS];
  int count;
  long granted, cancelled;
} mailbox;

static void announce(fw_wait *wait, void *context) {
  mailbox *box = context;
  pthread_mutex_lock(&box->mutex);
  box->finished[box->count++] = wait;
  pthread_cond_signal(&box->arrived);
  pthread_mutex_unlock(&box->mutex);
}

static fw_wait *receive(mailbox *box) {
  pthread_mutex_lock(&box->mutex);
  while (box->count == 0) pthread_cond_wait(&box->arrived, &box->mutex);
  fw_wait *wait = box->finished[--box->count];
  pthread_mutex_unlock(&box->mutex);
  return wait;
}

static void ignore_dropped(fw_wait *wait, void *context) {
  (void)wait;
  (void)context;
}

static int open_lock(unsigned *seed) {
  int fd = open(paths[rand_r(seed) % LOCKS], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) abort();
  return fd;
}

/* Sound for one lock in three, and flawed for the others, whose grants are given back. */
static fw_prepared *prepare(int fd, unsigned *seed) {
  fw_prepared *prepared;
  if (fw_prepare(fd, paths[rand_r(seed) % LOCKS], "", 0, &prepared) != 0) abort();
  return prepared;
}

static void cancel_until_answered(fw_group *group, uint32_t id) {
  if (id % 3 == 0) {
    fw_wait_cancel_now(group, id);
    return;
  }
  while (!fw_wait_cancel(group, id)) usleep(100);
}

static void one_round(fw_group *group, mailbox *box, unsigned *seed, bool abandon) {
  int descriptors[WAITS];
  uint32_t ids[WAITS];
  for (int index = 0; index < WAITS; index += 1) {
    fw_wait *wait = NULL;
    descriptors[index] = open_lock(seed);
    fw_prepared *prepared = index % 2 == 0 ? NULL : prepare(descriptors[index], seed);
    int error = fw_wait_start(group, descriptors[index], prepared, rand_r(seed) % 3 != 0, announce, box, NULL, &wait);
    if (error != 0) abort();
    free(prepared); /* the wait has its own copy */
    ids[index] = wait->id; /* only the owner collects, so it is still there */
  }
  if (abandon) return; /* the descriptors stay open, as a leaking program would leave them */
  for (int index = 0; index < WAITS; index += 1) {
    if (rand_r(seed) % 2 == 0) cancel_until_answered(group, ids[index]);
    int fd = open_lock(seed);
    if (fw_wait_blocking(group, fd, true, rand_r(seed) % 3) == FW_GRANTED) fw_unlock(fd);
    close(fd);
  }
  /* A grant may sit on any of our descriptors while we wait for the next, so what is left is cancelled first. */
  for (int index = 0; index < WAITS; index += 1) cancel_until_answered(group, ids[index]);
  for (int index = 0; index < WAITS; index += 1) {
    if (fw_wait_collect(receive(box)) == FW_GRANTED) box->granted += 1;
    else box->cancelled += 1;
  }
  for (int index = 0; index < WAITS; index += 1) {
    fw_unlock(descriptors[index]);
    close(descriptors[index]);
  }
}

static void *environment(void *argument) {
  mailbox *box = argument;
  unsigned seed = (unsigned)(uintptr_t)argument ^ (unsigned)getpid();
  for (int round = 0; round < rounds; round += 1) {
    bool abandon = round % 10 == 9 || round == rounds - 1;
    static __thread fw_group *group;
    if (group == NULL) group = fw_group_open();
    one_round(group, box, &seed, abandon);
    if (!abandon) continue;
    fw_group_close(group, ignore_dropped, NULL);
    fw_group_release(group);
    group = NULL;
    pthread_mutex_lock(&box->mutex);
    box->count = 0;
    pthread_mutex_unlock(&box->mutex);
  }
  return NULL;
}

int main(int count, char **arguments) {
  static mailbox boxes[ENVIRONMENTS];
  pthread_t threads[ENVIRONMENTS];
  long granted = 0, cancelled = 0;
  int ghosts = 0;
  if (count != 3) return 2;
  rounds = atoi(arguments[2]);
  for (int lock = 0; lock < LOCKS; lock += 1) snprintf(paths[lock], sizeof paths[lock], "%s/%d.lock", arguments[1], lock);
  for (int index = 0; index < ENVIRONMENTS; index += 1) {
    pthread_mutex_init(&boxes[index].mutex, NULL);
    pthread_cond_init(&boxes[index].arrived, NULL);
    pthread_create(&threads[index], NULL, environment, &boxes[index]);
  }
  for (int index = 0; index < ENVIRONMENTS; index += 1) {
    pthread_join(threads[index], NULL);
    granted += boxes[index].granted;
    cancelled += boxes[index].cancelled;
  }
  for (int lock = 0; lock < LOCKS; lock += 1) {
    int fd = open(paths[lock], O_RDWR);
    if (fw_try_lock(fd, true) != FW_GRANTED) ghosts += 1;
    close(fd);
  }
  printf("wait-stress: %d rounds, %ld granted, %ld cancelled, %d ghost locks\n", rounds * ENVIRONMENTS, granted,
         cancelled, ghosts);
  return ghosts == 0 ? 0 : 1;
}
