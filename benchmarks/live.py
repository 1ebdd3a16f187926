"""What a live conversation costs: `python benchmarks/live.py --help`; any Python 3 starts it, see README.md."""

from pathlib import Path
import sys

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.launch import launch

if __name__ == "__main__":
    sys.exit(launch("benchmarks.live_turns", sys.argv[1:], default_release="2026.11"))
