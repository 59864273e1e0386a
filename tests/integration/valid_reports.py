#!/usr/bin/env python3
"""Whether each file of a directory is one JSON document in UTF-8 without a key that
stands twice, and fits the schema (where python3-jsonschema is installed).

valid_reports.py SCHEMA DIRECTORY"""
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    jsonschema = None


def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key stands twice: {keys}")
    return dict(pairs)


def faults(file, validator):
    try:
        report = json.loads(file.read_bytes().decode(), object_pairs_hook=unique)
    except ValueError as error:
        yield str(error)
        return
    for error in validator.iter_errors(report) if validator else ():
        yield f"{error.json_path}: {error.message[:200]}"


schema = json.loads(pathlib.Path(sys.argv[1]).read_bytes())
validator = jsonschema and jsonschema.Draft202012Validator(schema)
files = sorted(pathlib.Path(sys.argv[2]).iterdir())
found = [f"{file.name}: {fault}" for file in files for fault in faults(file, validator)]
print(*found, sep="\n")
sys.exit(bool(found) or not files)
