/* What a granted lock is worth: is the locked file still the one at the lock path, and is the data file ordinary? */
#include "flockwork.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_missing(int error) { return error == ENOENT || error == ENOTDIR; }

int fw_check_grant(int fd, const char *lock_path, const char *data_path) {
  struct stat held, named, data;
  int bits = 0;

  if (fstat(fd, &held) != 0) return -errno;
  if (!S_ISREG(held.st_mode)) bits |= FW_LOCK_NOT_REGULAR;
  /* Root's files are trusted by everyone; anybody else's may be unlinked or replaced at their owner's whim. */
  if (held.st_uid != 0 && held.st_uid != geteuid()) bits |= FW_LOCK_FOREIGN_OWNER;

  if (stat(lock_path, &named) == 0) {
    if (held.st_ino != named.st_ino || held.st_dev != named.st_dev) bits |= FW_LOCK_REPLACED;
  } else if (is_missing(errno)) {
    bits |= FW_LOCK_REPLACED;
  } else {
    return -errno;
  }

  if (data_path[0] == '\0') return bits;
  if (lstat(data_path, &data) == 0) {
    if (S_ISLNK(data.st_mode)) bits |= FW_DATA_IS_SYMLINK;
    if (S_ISREG(data.st_mode) && data.st_nlink > 1) bits |= FW_DATA_HAS_HARD_LINKS;
  } else if (!is_missing(errno)) {
    return -errno;
  }
  return bits;
}
