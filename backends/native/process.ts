/**
 * Programs started beside this one and waited for later, in C: a part of the runtime.
 *
 * Node waits for several at once only in its loop of events, to which loading a program does not go
 * back. No shell is involved: the words are given as they are. What the program reads is a file;
 * what it says is not kept.
 */
export const processText = `#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

/* Words one after another, each ended by a 0; the number of the process, or minus the error. */
double pullback_start(const char *words, double count, const char *input) {
  char *list[(int)count + 1];
  for (int i = 0; i < (int)count; i++, words += strlen(words) + 1) list[i] = (char *)words;
  list[(int)count] = NULL;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, input, O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  /* Node ignores broken pipes, which what it starts should not. */
  posix_spawnattr_t attributes;
  sigset_t pipes;
  sigemptyset(&pipes);
  sigaddset(&pipes, SIGPIPE);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &pipes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t process;
  const int failed = posix_spawn(&process, list[0], &files, &attributes, list, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failed ? -failed : process;
}

/* What the process ends with, or 128 and the signal; one that takes too long is ended. */
double pullback_wait(double process, double seconds) {
  const struct timespec pause = {0, 500000};
  for (double left = seconds;; left -= 0.0005) {
    int status;
    const pid_t ended = waitpid((pid_t)process, &status, WNOHANG);
    if (ended < 0 && errno != EINTR) return -errno;
    if (ended > 0) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (left <= 0) kill((pid_t)process, SIGKILL);
    nanosleep(&pause, NULL);
  }
}`
