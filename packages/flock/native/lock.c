/* One attempt, one release: flock(2), and the open-file-description locks of Linux for neighbours that use fcntl. */
#include "flockwork.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

int fw_flock_operation(bool exclusive) { return exclusive ? LOCK_EX : LOCK_SH; }

int fw_try_lock(int fd, bool exclusive) {
  for (;;) {
    if (flock(fd, fw_flock_operation(exclusive) | LOCK_NB) == 0) return FW_GRANTED;
    if (errno == EWOULDBLOCK) return FW_BUSY;
    if (errno != EINTR) return -errno;
  }
}

int fw_unlock(int fd) {
  for (;;) {
    if (flock(fd, LOCK_UN) == 0) return 0;
    if (errno != EINTR) return -errno;
  }
}

#ifdef __linux__

bool fw_has_ofd(void) { return true; }

static int set_ofd_lock(int fd, short type) {
  struct flock whole_file = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
  for (;;) {
    if (fcntl(fd, F_OFD_SETLK, &whole_file) == 0) return FW_GRANTED;
    if (errno == EAGAIN || errno == EACCES) return FW_BUSY;
    if (errno != EINTR) return -errno;
  }
}

int fw_ofd_try_lock(int fd, bool exclusive) { return set_ofd_lock(fd, exclusive ? F_WRLCK : F_RDLCK); }

int fw_ofd_unlock(int fd) {
  int result = set_ofd_lock(fd, F_UNLCK);
  return result < 0 ? result : 0;
}

#else /* Elsewhere there are only classic fcntl locks, which vanish with any close of the file. */

bool fw_has_ofd(void) { return false; }
int fw_ofd_try_lock(int fd, bool exclusive) { (void)fd; (void)exclusive; return -ENOTSUP; }
int fw_ofd_unlock(int fd) { (void)fd; return -ENOTSUP; }

#endif
