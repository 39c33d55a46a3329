// A neighbour in Rust: std::fs::File::lock. hold|try ex|sh LOCK; count LOCK COUNTER TIMES.
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io;

fn open_lock(path: &str) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn main() -> io::Result<()> {
    let args: Vec<String> = env::args().collect();
    if args[1] == "count" {
        for _ in 0..args[4].parse::<u32>().unwrap() {
            let lock = open_lock(&args[2])?;
            lock.lock()?;
            let value: u64 = fs::read_to_string(&args[3])?.parse().unwrap();
            fs::write(&args[3], (value + 1).to_string())?;
            lock.unlock()?;
        }
        return Ok(());
    }
    let lock = open_lock(&args[3])?;
    let exclusive = args[2] == "ex";
    if args[1] == "try" {
        let outcome = if exclusive { lock.try_lock() } else { lock.try_lock_shared() };
        println!("{}", if outcome.is_ok() { "granted" } else { "busy" });
        return Ok(());
    }
    if exclusive { lock.lock()? } else { lock.lock_shared()? }
    println!("held");
    io::stdin().read_line(&mut String::new())?;
    lock.unlock()?;
    println!("released");
    Ok(())
}
