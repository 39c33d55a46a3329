/* A lock for one use: opened, locked and checked in one go, or nothing at all. Then unlocked and closed in one go. */
#include "flockwork.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int fw_open_locked(const char *lock_path, int file_mode, bool exclusive, const char *data_path, int ignored_flaws) {
  /* No link is followed, nothing truncated, and a pipe does not make us wait for its other end. */
  int fd = open(lock_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, file_mode);
  if (fd < 0) return -errno;
  int locked = fw_try_lock(fd, exclusive);
  int found = locked == FW_GRANTED ? fw_check_grant(fd, lock_path, data_path) : -EWOULDBLOCK;
  if (found > 0) found &= ~ignored_flaws;
  if (found == 0) return fd;
  fw_close_locked(fd);
  return found < 0 ? found : -EINVAL;
}

/* The unlock matters where a child process was given the descriptor: there it stays open. */
int fw_close_locked(int fd) {
  int unlocked = fw_unlock(fd);
  close(fd);
  return unlocked;
}
