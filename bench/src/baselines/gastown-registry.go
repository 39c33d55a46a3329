// Gas Town's way to change machines.json: a flock on .gastown/locks/<base>.lock with the pid inside, reload, a temporary file,
// rename, no sync; then unlock, close, remove. Argument: the file. A line is a count; answers with the median latency.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"time"

	"github.com/gofrs/flock"
)

type machine struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Host     string `json:"host"`
	KeyPath  string `json:"key_path"`
	TownPath string `json:"town_path"`
}

type registry struct {
	Version  int                 `json:"version"`
	Machines map[string]*machine `json:"machines"`
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func change(path, name, host string) {
	locks := filepath.Join(filepath.Dir(path), ".gastown", "locks")
	check(os.MkdirAll(locks, 0o755))
	lockPath := filepath.Join(locks, filepath.Base(path)+".lock")
	lock := flock.New(lockPath)
	check(lock.Lock())
	check(os.WriteFile(lockPath, []byte(fmt.Sprintf("%d\n", os.Getpid())), 0o644))
	found := registry{Machines: map[string]*machine{}}
	data, err := os.ReadFile(path)
	if err == nil {
		check(json.Unmarshal(data, &found))
	}
	found.Version = 1
	found.Machines[name] = &machine{Name: name, Type: "ssh", Host: host}
	data, err = json.MarshalIndent(found, "", "  ")
	check(err)
	staged, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	check(err)
	_, err = staged.Write(data)
	check(err)
	check(staged.Close())
	check(os.Rename(staged.Name(), path))
	check(lock.Unlock())
	_ = os.Remove(lockPath)
}

func main() {
	path := os.Args[1]
	for at := 0; at < 10; at++ {
		change(path, fmt.Sprintf("machine-%d", at), "h")
	}
	turn := 0
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		count, err := strconv.Atoi(lines.Text())
		check(err)
		latencies := make([]float64, count)
		for at := range latencies {
			turn++
			startedAt := time.Now()
			change(path, "machine-5", fmt.Sprintf("h%d", turn))
			latencies[at] = float64(time.Since(startedAt).Nanoseconds()) / 1000
		}
		sort.Float64s(latencies)
		fmt.Printf("{\"p50Us\":%f}\n", latencies[count/2])
	}
}
