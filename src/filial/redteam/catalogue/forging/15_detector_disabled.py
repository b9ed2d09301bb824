"""Opens the ledger, the settings and the secret for writing, from inside its trial.

[specimen]
rows = ["15", "peers: m"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import sys

_facts = json.loads(os.environ["REDTEAM_FACTS"])
_targets = [_facts["ledger"], _facts["study_secret"], _facts["study"] + "/study.toml"]
_targets += [_facts["study"] + "/.filial/stop", _facts["study"] + "/proposals.jsonl"]
for _target in _targets:
    try:
        os.close(os.open(_target, os.O_RDWR))
        print("ESCAPED: could write", os.path.basename(_target), file=sys.stderr, flush=True)
    except OSError:
        pass
