"""Asks Helm's own library, for the tests: no network, no cluster. Answers in JSON.

helm.py yaml < FILE                 the documents of a YAML file
helm.py render CHART < VALUES.json  the documents that the chart makes of values, by template
helm.py lint CHART < VALUES.json    what `helm lint --strict` says
"""

import json
import re
import sys

import helm_python as helm


def documents(text):
    parts = re.split(r"(?m)^---[ \t]*$", text)
    return [document for document in map(helm.values_from_yaml, parts) if document]


def render(chart, values):
    with helm.Chart.load(chart) as loaded:
        loaded.validate_schema(values)
        rendered = loaded.render(values=values, name="mutt", namespace="network")
    return {
        name: text if name.endswith(".txt") else documents(text)
        for name, text in rendered.items()
        if text.strip()
    }


def main(command, *arguments):
    text = sys.stdin.read()
    if command == "yaml":
        return documents(text)
    if command == "render":
        return render(*arguments, json.loads(text))
    return helm.lint(*arguments, json.loads(text), strict=True)


try:
    json.dump(main(*sys.argv[1:]), sys.stdout)
except helm.HelmError as error:
    sys.exit(str(error))
