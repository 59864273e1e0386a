"""Whether the golden JSON reports fit the schema of the documents, and whether the
schema refuses what is broken.  Speaks TAP.

schema.py SCHEMA DIRECTORY"""
import copy
import json
import pathlib
import sys

import jsonschema


def unique(pairs):
    """Keys that stand twice are valid JSON to most parsers, and a trap to all."""
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key stands twice: {keys}")
    return dict(pairs)


def read(path):
    return json.loads(path.read_bytes().decode(), object_pairs_hook=unique)


def without_verdict(report):
    del report["verdict"]


def with_stranger(report):
    report["stranger"] = 1


def with_unknown_outcome(report):
    report["verdict"]["outcome"] = "excellent"


def with_cause_as_finding(report):
    report["findings"][0]["id"] = "greylisted"


def with_finding_as_cause(report):
    report["exchanges"][0]["explanation"]["cause"] = "mx-duplicate"


def with_code_as_text(report):
    report["exchanges"][0]["reply"]["code"] = "220"


def with_code_out_of_range(report):
    report["exchanges"][0]["reply"]["code"] = 620


def with_local_time(report):
    report["target"]["started"] = "1 January 2026"


def with_number_as_evidence_object(report):
    report["findings"][0]["evidence"] = 7


BROKEN = [
    without_verdict, with_stranger, with_unknown_outcome, with_cause_as_finding, with_finding_as_cause,
    with_code_as_text, with_code_out_of_range, with_local_time, with_number_as_evidence_object,
]


def refuses(validator, report, break_it):
    broken = copy.deepcopy(report)
    break_it(broken)
    return not validator.is_valid(broken)


def main():
    schema = read(pathlib.Path(sys.argv[1]))
    files = sorted(pathlib.Path(sys.argv[2]).glob("*.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    print(f"1..{len(files) + len(BROKEN) + 1}")
    number = 0

    def say(good, what):
        nonlocal number
        number += 1
        print(f"{'ok' if good else 'not ok'} {number} - {what}")

    say(len(files) > 10, "there are reports to judge")
    for file in files:
        faults = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(read(file))]
        for fault in faults:
            print(f"# {fault}")
        say(not faults, f"{file.name} fits the schema")
    report = read(pathlib.Path(sys.argv[2]) / "starttls-stripped.json")
    for break_it in BROKEN:
        say(refuses(validator, report, break_it), f"a report {break_it.__name__.replace('_', ' ')} is refused")


main()
