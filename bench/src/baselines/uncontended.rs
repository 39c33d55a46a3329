// The Rust twin of uncontended.c.
use std::fs::{metadata, OpenOptions};
use std::io::BufRead;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::time::Instant;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn flock(fd: i32, operation: i32) -> i32;
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

fn cpu_us() -> f64 {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(2, &mut time) };
    time.seconds as f64 * 1e6 + time.nanoseconds as f64 / 1e3
}

fn cycle(path: &str) {
    let file = OpenOptions::new().read(true).append(true).create(true).open(path).unwrap();
    assert_eq!(unsafe { flock(file.as_raw_fd(), 2 | 4) }, 0);
    let (held, named) = (file.metadata().unwrap(), metadata(path).unwrap());
    assert!(held.ino() == named.ino() && held.dev() == named.dev());
}

fn main() {
    let path = std::env::args().nth(1).unwrap();
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let count: u32 = line.unwrap().parse().unwrap();
        let (started, cpu) = (Instant::now(), cpu_us());
        for _ in 0..count {
            cycle(&path);
        }
        let wall = started.elapsed().as_secs_f64() * 1e6;
        println!("{{\"wallUs\":{},\"cpuUs\":{}}}", wall / count as f64, (cpu_us() - cpu) / count as f64);
    }
}
