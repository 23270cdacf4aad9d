"""Validates scenario files with the published schema: python3-jsonschema, on what YAML 1.2's core schema (yaml.org/spec/1.2.2, 10.3) makes of them.

usage: validate.py SCHEMA FILE...; prints one line for each mistake; without FILE it only looks whether it could.
"""
import json
import re
import sys

import jsonschema
import yaml


class Core(yaml.SafeLoader):
    """PyYAML reads YAML 1.1; editors read 1.2."""


RULES = [
    ("bool", r"^(true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    ("float", r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(null|Null|NULL|~|)$", ["n", "N", "~", ""]),
]
Core.yaml_implicit_resolvers = {}
for tag, pattern, first in RULES:
    for character in first:
        Core.yaml_implicit_resolvers.setdefault(character, []).append(("tag:yaml.org,2002:" + tag, re.compile(pattern)))

if len(sys.argv) > 1:
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as file:
            document = yaml.load(file, Loader=Core)
        for error in validator.iter_errors(document):
            print(f"{name}: {'/'.join(map(str, error.path))}: {error.message[:200]}")
