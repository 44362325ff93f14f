"""Write the golden files of every bank from `ours/`: run it after a wanted change of a dialect, then read the diff."""

import json
from pathlib import Path

from pydantic import TypeAdapter

from bank_adapters import CODECS, AnyEvent, Batch, Codec, ItemResult

GOLDEN = Path(__file__).parents[1] / "golden" / "bank_adapters"


def ours(name: str, bank_code: str) -> bytes:
    entries = json.loads((GOLDEN / "ours" / name).read_bytes())
    if name == "events.json":
        entries = [{**entry, "bank_code": bank_code} for entry in entries]
    return json.dumps(entries).encode()


def wire(codec: Codec) -> dict[str, bytes]:
    bank_code = codec.bank_code
    items = b'{"bank_code": "%s", "items": %s}' % (bank_code.encode(), ours("batch.json", bank_code))
    results = TypeAdapter(list[ItemResult]).validate_json(ours("results.json", bank_code))
    events = TypeAdapter(list[AnyEvent]).validate_json(ours("events.json", bank_code))
    return {
        "batch.json": codec.encode_batch(Batch.model_validate_json(items)),
        "results.json": codec.encode_results(results),
        "events.json": codec.encode_events(events),
    }


def pretty(body: bytes) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    for bank_code, codec in CODECS.items():
        (GOLDEN / bank_code).mkdir(exist_ok=True)
        for name, body in wire(codec).items():
            (GOLDEN / bank_code / name).write_text(pretty(body), encoding="utf-8")
