#!/usr/bin/env bash
# Speak every sentence of sentences.txt (file name | espeak voice | sentence) into a WAV file of 16 kHz.
set -euo pipefail
cd "$(dirname "$0")"
while IFS='|' read -r name voice sentence; do
  espeak-ng -v "$voice" -s 160 --stdout "$sentence" </dev/null |
    ffmpeg -loglevel error -y -i - -ac 1 -ar 16000 -sample_fmt s16 -bitexact \
      -af "silenceremove=start_periods=1:start_threshold=-50dB,areverse,silenceremove=start_periods=1:start_threshold=-50dB,areverse" "$name.wav"
done <sentences.txt
python3 - <<'P'
import json
import pathlib

rows = [line.split("|") for line in pathlib.Path("sentences.txt").read_text().splitlines()]
index = {f"{name}.wav": {"text": text, "language": voice.split("-")[0]} for name, voice, text in rows}
pathlib.Path("index.json").write_text(json.dumps(index, ensure_ascii=False, indent=2) + "\n")
P
