# Runs a command on a pseudo-terminal: terminal.py COLUMNS STEPS COMMAND...
# STEPS is JSON: [[text to wait for, text to type], ...]. Prints what the terminal would show; ends as the command does.
import fcntl, json, os, pty, select, struct, sys, termios, time

columns, steps, command = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
pid, fd = pty.fork()
if pid == 0:
    size = struct.pack('HHHH', 40, columns, 0, 0)
    fcntl.ioctl(0, termios.TIOCSWINSZ, size)
    os.execvp(command[0], command)

shown = b''
deadline = time.time() + 120
while time.time() < deadline:
    readable, _, _ = select.select([fd], [], [], 0.1)
    if readable:
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    if steps and steps[0][0].encode() in shown:
        # A prompt appears just before it listens.
        time.sleep(0.1)
        os.write(fd, steps.pop(0)[1].encode())
else:
    os.kill(pid, 9)
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
