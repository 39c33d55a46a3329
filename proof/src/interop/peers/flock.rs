// A neighbour in Rust: std::fs::File::lock. hold|try ex|sh LOCK; count|append|map LOCK[:LOCK] FILE TIMES [NAME],
// which says "ready", waits to be told, and pauses a little after each update.
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

fn open_lock(path: &str) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn count(path: &str, _name: &str) -> io::Result<()> {
    let value: u64 = fs::read_to_string(path)?.parse().unwrap();
    fs::write(path, (value + 1).to_string())
}

fn append(path: &str, name: &str) -> io::Result<()> {
    writeln!(OpenOptions::new().append(true).open(path)?, "{{\"by\":\"{name}\"}}")
}

/// A flat object of whole numbers is all the JSON there is here.
fn change_map(path: &str, name: &str) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    let inner = text.trim().trim_start_matches('{').trim_end_matches('}');
    let mut members: Vec<(String, u64)> = inner
        .split(',')
        .filter_map(|member| member.split_once(':'))
        .map(|(key, value)| (key.trim().trim_matches('"').to_string(), value.trim().parse().unwrap()))
        .collect();
    match members.iter_mut().find(|(key, _)| key == name) {
        Some((_, value)) => *value += 1,
        None => members.push((name.to_string(), 1)),
    }
    let body: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    fs::write(path, format!("{{{}}}", body.join(",")))
}

fn pause() {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    thread::sleep(Duration::from_nanos(u64::from(nanos % 1_000_000)));
}

fn run_updates(args: &[String], update: fn(&str, &str) -> io::Result<()>) -> io::Result<()> {
    let name = args.get(5).map_or("", String::as_str);
    let mut worst = Duration::ZERO;
    println!("ready");
    io::stdin().read_line(&mut String::new())?;
    for _ in 0..args[4].parse::<u32>().unwrap() {
        let asked = Instant::now();
        let locks = args[2].split(':').map(open_lock).collect::<io::Result<Vec<File>>>()?;
        for lock in &locks {
            lock.lock()?;
        }
        worst = worst.max(asked.elapsed());
        update(&args[3], name)?;
        for lock in locks.iter().rev() {
            lock.unlock()?;
        }
        pause();
    }
    println!("worst {:.1}", worst.as_secs_f64() * 1000.0);
    Ok(())
}

fn main() -> io::Result<()> {
    let args: Vec<String> = env::args().collect();
    match args[1].as_str() {
        "count" => return run_updates(&args, count),
        "append" => return run_updates(&args, append),
        "map" => return run_updates(&args, change_map),
        _ => {}
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
