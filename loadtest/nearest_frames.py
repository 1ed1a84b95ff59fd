"""Counts the samples of a flight recording (JSON on standard input) by the nearest frame of the engine's own code."""

import collections
import json
import sys

OWN = "io/turboprop/"
SHOWN = 40


def name(frame):
    method = frame["method"]
    return method["type"]["name"].replace("/", "."), method["name"]


def nearest(event):
    frames = ((event["values"].get("stackTrace") or {}).get("frames")) or []
    names = [name(frame) for frame in frames]
    for owner, method in names:
        if owner.startswith(OWN.replace("/", ".")):
            return f"{owner}.{method}"
    thread = event["values"].get("sampledThread") or event["values"].get("eventThread") or {}
    return f"(none) on thread {''.join(c for c in thread.get('javaName') or '?' if not c.isdigit())}"


def main():
    events = json.load(sys.stdin)["recording"]["events"]
    # CPU-time samples are the more exact ones; the others are used only where there are none.
    kinds = collections.Counter(event["type"] for event in events)
    kind = "jdk.CPUTimeSample" if kinds["jdk.CPUTimeSample"] else "jdk.ExecutionSample"
    counts = collections.Counter(nearest(event) for event in events if event["type"] == kind)
    total = sum(counts.values())
    print(f"  {total} samples ({kind})")
    for frame, count in counts.most_common(SHOWN):
        print(f"  {100 * count / total:5.1f} %  {frame}")


if __name__ == "__main__":
    main()
