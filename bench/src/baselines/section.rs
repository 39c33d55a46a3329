// The Rust twin of section.c: flock(2) as the standard library's File::lock calls it, blocking.
use std::fs::OpenOptions;
use std::io::{BufRead, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::thread::sleep;
use std::time::{Duration, Instant};

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn flock(fd: i32, operation: i32) -> i32;
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

const LOCK_EX: i32 = 2;
const LOCK_UN: i32 = 8;
const CLOCK_PROCESS_CPUTIME_ID: i32 = 2;

fn cpu_us() -> f64 {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.seconds as f64 * 1e6 + time.nanoseconds as f64 / 1e3
}

fn locked(fd: i32, operation: i32) {
    assert_eq!(unsafe { flock(fd, operation) }, 0, "{}", std::io::Error::last_os_error());
}

fn pause(us: u64) {
    if us > 0 {
        sleep(Duration::from_micros(us));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let section: u64 = arguments[2].parse().unwrap();
    let think: u64 = arguments[3].parse().unwrap();
    let duration = Duration::from_secs_f64(arguments[4].parse().unwrap());
    let data = OpenOptions::new().read(true).write(true).open(&arguments[1]).unwrap();
    let lock = OpenOptions::new().read(true).append(true).create(true).open(format!("{}.lock", arguments[1])).unwrap();
    let fd = lock.as_raw_fd();
    let mut waits: Vec<u128> = Vec::new();
    println!("ready");
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line).unwrap() == 0 {
        return;
    }
    let mut in_time = 0;
    let cpu = cpu_us();
    let started = Instant::now();
    while started.elapsed() < duration {
        let mut counter = [0u8; 8];
        let asked = Instant::now();
        locked(fd, LOCK_EX);
        waits.push(asked.elapsed().as_micros());
        data.read_exact_at(&mut counter, 0).unwrap();
        pause(section);
        data.write_all_at(&(u64::from_le_bytes(counter) + 1).to_le_bytes(), 0).unwrap();
        locked(fd, LOCK_UN);
        if started.elapsed() < duration {
            in_time += 1;
        }
        pause(think);
    }
    let cpu = cpu_us() - cpu;
    let list: Vec<String> = waits.iter().map(|wait| wait.to_string()).collect();
    println!("{{\"waitsUs\":[{}],\"inTime\":{},\"cpuUs\":{}}}", list.join(","), in_time, cpu);
    std::io::stdout().flush().unwrap();
}
